import { fork } from 'node:child_process'
import { getPriority, setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { crashExitCode } from './frame-jobs.ts'

/**
 * - `deadline`: the job reached its time limit.
 * - `crashed`: the job crashed the child.
 * - `lost` (the child could not be started, or was ended from outside) and `aborted` (by the caller): not about the
 *   job.
 */
export type ChildResult =
  | { type: 'answer'; value: unknown }
  | { type: 'deadline' }
  | { type: 'crashed' }
  | { type: 'lost' }
  | { type: 'aborted' }

export interface MediaChild {
  /** Runs one job at a time. After `deadline` and `aborted` the child is killed. */
  ask(job: object, runMs: number, signal: AbortSignal | null): Promise<ChildResult>
  alive(): boolean
  kill(): void
}

/** Enough for the index of hours of video. A file that asks for gigabytes crashes only its child. */
const heapMegabytes = 256

/** By how much these processes are nicer than the gateway. Where it wants the same core, they get a quarter of it. */
const nicer = 5
const nicest = 19

/** A thumbnail takes half a second of a core, in which a gateway with a single core would answer everybody later. */
function giveWay(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    setPriority(pid, Math.min(nicest, getPriority() + nicer))
  } catch {
    // A sandbox may forbid it. The process then keeps its priority.
  }
}

/**
 * Starts a child process that answers one IPC message per job. Its environment is empty, so no secret reaches a
 * decoder.
 */
export function startChild(entry: URL): MediaChild {
  const child = fork(fileURLToPath(entry), [], {
    env: {},
    execArgv: [`--max-old-space-size=${heapMegabytes}`, '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  giveWay(child.pid)
  // Without a free descriptor there is no channel, and the error is emitted one tick later.
  let alive = child.connected
  child.on('exit', () => (alive = false))
  child.on('error', () => (alive = false))
  const hold = (): void => (child.ref(), child.channel?.ref())
  const letGo = (): void => (child.unref(), child.channel?.unref())
  const kill = (): void => {
    alive = false
    // A child that did not start has the process id 0 inside of Node, and killing 0 would end the gateway and its whole
    // group.
    if (child.pid !== undefined) child.kill('SIGKILL')
  }

  return { ask, alive: () => alive, kill }

  function ask(job: object, runMs: number, signal: AbortSignal | null): Promise<ChildResult> {
    const { promise, resolve } = Promise.withResolvers<ChildResult>()
    const answered = (value: unknown): void => resolve({ type: 'answer', value })
    const ended = (code: number | null, by: NodeJS.Signals | null): void =>
      resolve({ type: isCrash(code, by) ? 'crashed' : 'lost' })
    const failed = (): void => resolve({ type: 'lost' })
    const aborted = (): void => (resolve({ type: 'aborted' }), kill())
    const timer = setTimeout(() => (resolve({ type: 'deadline' }), kill()), runMs)

    hold()
    child.once('message', answered).once('exit', ended).once('error', failed)
    signal?.addEventListener('abort', aborted, { once: true })
    if (signal?.aborted === true) aborted()
    else if (alive) child.send(job, (error) => error !== null && failed())
    else failed()

    return promise.finally(() => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
      child.off('message', answered).off('exit', ended).off('error', failed)
      letGo()
    })
  }
}

/** SIGKILL and SIGTERM come from outside (an operator, the kernel out of memory); other signals come from the job. */
function isCrash(code: number | null, by: NodeJS.Signals | null): boolean {
  if (by !== null) return by !== 'SIGKILL' && by !== 'SIGTERM'
  return code === crashExitCode
}
