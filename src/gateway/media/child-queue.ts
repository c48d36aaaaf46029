import { startChild, type ChildResult, type MediaChild } from './frames/media-child.ts'

type QueueResult = ChildResult | { type: 'busy' }

export interface ChildQueue {
  /** `runMs`: milliseconds that the job may run in a child. */
  run(job: object, runMs: number, signal: AbortSignal | null): Promise<QueueResult>
  /** Kills all children, including busy ones; later jobs are `busy`. */
  close(): void
}

export interface ChildQueueOptions {
  entry: URL
  /** The number of children running jobs at once. */
  width: number
  /** How many jobs may wait for a child; any more are `busy`. */
  maxWaiting: number
  /** Milliseconds that a job may wait before it is `busy`. */
  waitMs: number
  /** Jobs per child before it is replaced; 1 if a job may leave it corrupted. */
  jobsPerChild: number
  /** Milliseconds after which an idle child is ended. */
  idleMs: number
}

interface Seat {
  child: MediaChild
  jobs: number
  resting: NodeJS.Timeout | null
}

/** Runs jobs in a few child processes, one job each, with a bounded queue. */
export function createChildQueue(options: ChildQueueOptions): ChildQueue {
  const idle: Seat[] = []
  const seats = new Set<Seat>()
  const turns = createTurns(options)
  let closed = false

  function take(): Seat {
    for (;;) {
      const seat = idle.pop()
      if (seat === undefined) break
      if (seat.resting !== null) clearTimeout(seat.resting)
      if (seat.child.alive()) return seat
      seats.delete(seat)
    }
    const seat = { child: startChild(options.entry), jobs: 0, resting: null }
    seats.add(seat)
    return seat
  }

  function retire(seat: Seat): void {
    seat.child.kill()
    seats.delete(seat)
    const at = idle.indexOf(seat)
    if (at !== -1) idle.splice(at, 1)
  }

  function giveBack(seat: Seat): void {
    if (!seat.child.alive() || seat.jobs >= options.jobsPerChild) return retire(seat)
    idle.push(seat)
    seat.resting = setTimeout(() => retire(seat), options.idleMs).unref()
  }

  async function work(job: object, runMs: number, signal: AbortSignal | null): Promise<QueueResult> {
    let seat: Seat
    try {
      seat = take()
    } catch {
      // The machine is out of processes or descriptors; the job did not cause it.
      return { type: 'lost' }
    }
    try {
      seat.jobs++
      return await seat.child.ask(job, runMs, signal)
    } finally {
      giveBack(seat)
    }
  }

  return {
    async run(job, runMs, signal) {
      if (!(await turns.take(signal))) return { type: signal?.aborted === true ? 'aborted' : 'busy' }
      if (closed) {
        turns.giveBack()
        return { type: 'busy' }
      }
      try {
        return await work(job, runMs, signal)
      } finally {
        turns.giveBack()
      }
    },
    close() {
      closed = true
      for (const seat of seats) retire(seat)
    },
  }
}

/** At most `width` at once; the others wait in a queue bounded by `maxWaiting` and `waitMs`. */
function createTurns(options: { width: number; maxWaiting: number; waitMs: number }): {
  take(signal: AbortSignal | null): Promise<boolean>
  giveBack(): void
} {
  const line: Array<() => void> = []
  let free = options.width
  return {
    async take(signal) {
      if (signal?.aborted === true) return false
      if (free > 0) {
        free--
        return true
      }
      if (line.length >= options.maxWaiting) return false
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const called = (): void => resolve(true)
      const leave = (): void => {
        const at = line.indexOf(called)
        if (at !== -1) line.splice(at, 1)
        resolve(false)
      }
      const timer = setTimeout(leave, options.waitMs)
      signal?.addEventListener('abort', leave, { once: true })
      line.push(called)
      return promise.finally(() => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', leave)
      })
    },
    giveBack() {
      const next = line.shift()
      if (next === undefined) free++
      else next()
    },
  }
}
