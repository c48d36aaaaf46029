import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Figures } from '../program.ts'
import type { Figure } from '../program.ts'
import type { Outcome } from './rows.ts'

const graceMs = 5000
/** Of what a program said before it failed. */
const toldCharacters = 2000

export interface Ran {
  outcome: Outcome
  /** It has measured, and says by its exit code that something is below a floor. */
  isBelowFloor: boolean
  /** What it said, of which only the end is kept. */
  said: string
}

export interface Ordered {
  name: string
  /** In `bench/`. */
  script: string
  args: readonly string[]
  /** Where all that it writes goes. */
  folder: string
  deadlineMs: number
}

/** Runs a program of this folder in a group of processes of its own, which is ended at the deadline, or with this process. */
export async function runStep({ name, script, args, folder, deadlineMs }: Ordered): Promise<Ran> {
  const json = join(folder, `${name}.json`)
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url))
  const child = spawn(process.execPath, [path, ...args, '--directory', folder, '--json', json], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    // eslint-disable-next-line node/no-process-env -- what it starts needs PATH and HOME
    env: { ...process.env, TMPDIR: folder },
  })
  let said = ''
  const hear = (text: string): void => void (said = `${said}${text}`.slice(-toldCharacters))
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', hear)
  const group = child.pid ?? 0
  const killed = (): void => signalGroup(group, 'SIGKILL')
  // Before the folder is removed.
  process.prependOnceListener('exit', killed)
  const deadline = AbortSignal.timeout(deadlineMs)
  const ended = once(child, 'exit')
  const heard = once(child, 'close')
  const end = (): void => void endGroup(group)
  deadline.addEventListener('abort', end)
  const [code] = await ended
  deadline.removeEventListener('abort', end)
  // What it has started and did not end itself.
  killed()
  process.off('exit', killed)
  await Promise.race([heard, pause(graceMs, undefined, { ref: false })])
  const why = deadline.aborted
    ? `it had not ended after ${deadlineMs / 60_000} minutes`
    : `it ended with ${code}`
  const figures = deadline.aborted ? null : await figuresIn(json)
  if (figures === null) return { outcome: { type: 'failed', why }, isBelowFloor: false, said }
  return { outcome: { type: 'measured', figures }, isBelowFloor: code !== 0, said }
}

async function figuresIn(file: string): Promise<Figure[] | null> {
  try {
    return Figures.parse(JSON.parse(await readFile(file, 'utf8'))).rows
  } catch {
    return null
  }
}

async function endGroup(pid: number): Promise<void> {
  signalGroup(pid, 'SIGTERM')
  await pause(graceMs)
  signalGroup(pid, 'SIGKILL')
}

/** Nothing where the group has ended. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  if (pid === 0) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
