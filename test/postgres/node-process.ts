import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import * as z from 'zod'

const script = new URL('./upgrade-process.ts', import.meta.url).pathname
const listens = z.object({ address: z.string() })
export type Release = 'first' | 'expanding' | 'contracting'

export interface NodeProcess {
  address: string
  child: ChildProcess
}

/** The process of a release, once it listens; what it wrote if it ended before. */
export async function startNode(text: string, release: Release): Promise<NodeProcess | string> {
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const ended = once(child, 'close').then(() => null)
  const said = once(child, 'message').then(([message]) => listens.parse(message))
  child.send({ text, release })
  const answer = await Promise.race([said, ended])
  return answer === null ? errors : { ...answer, child }
}

/** The memory that a process has had at most, in MiB, as Linux counts it; NaN elsewhere. */
export function mostMemoryMiB({ child }: NodeProcess): number {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024
  } catch {
    return Number.NaN
  }
}
