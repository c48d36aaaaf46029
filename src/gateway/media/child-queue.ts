import { startChild, type ChildResult, type MediaChild } from './frames/media-child.ts'

type QueueResult = ChildResult | { type: 'busy' }

export interface ChildQueue {
  /** `runMs`: milliseconds the job may take once a child has it. */
  run(job: object, runMs: number, signal: AbortSignal | null): Promise<QueueResult>
  /** Kills the children, also those at work; later jobs are `busy`. */
  close(): void
}

export interface ChildQueueOptions {
  entry: URL
  /** Children at work at once. */
  width: number
  /** Jobs that may wait for a child; one more is `busy`. */
  maxWaiting: number
  /** Milliseconds a job may wait; after that it is `busy`. */
  waitMs: number
  /** Jobs a child does before it is replaced: 1 where a job may leave it corrupted. */
  jobsPerChild: number
  /** Milliseconds after which a child without work ends. */
  idleMs: number
}

interface Seat {
  child: MediaChild
  jobs: number
  resting: NodeJS.Timeout | null
}

/** A few child processes, each at one job, and a bounded queue before them. */
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
      // The machine has no process or descriptor left; the job is not to blame.
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

/** At most `width` turns at once; the others wait in line, within `maxWaiting` and `waitMs`. */
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
