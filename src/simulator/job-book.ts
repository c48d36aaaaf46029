import { newJob, progressOf, settle } from './job.ts'
import type { Fate, Job, Order } from './job.ts'
import { priceOf } from './price.ts'
import type { SimulatedUpstream } from './simulated-upstream.ts'

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
}

/** The jobs of one upstream. Nothing runs: a job is brought up to date by whoever looks at it. */
export interface JobBook {
  add(order: Order, fate: Fate): Job
  /** The job with all that has happened to it by now; a deleted one is gone. */
  find(id: string): Job | undefined
  findByToken(token: string): Job | undefined
  /** Counts as one of the polls that a render of `{polls}` waits for. */
  poll(job: Job): void
  progress(job: Job): number
  /** Ends a running job now. */
  end(job: Job, fate: Exclude<Fate, { type: 'sticks' }>): void
  /** Deletes the job for callers; a running one is stopped for good. What was accepted stays counted. */
  remove(job: Job): void
  /** Micro-dollars billed for the job so far. */
  billed(job: Job): number
  /** Whether its files are gone (`expiresAfterSeconds`). */
  isExpired(job: Job): boolean
  /** How many are running now. */
  running(): number
  /** Every job ever added, oldest first. */
  all(): Job[]
  clear(): void
}

export function createJobBook(upstream: SimulatedUpstream, clock: Clock): JobBook {
  const jobs = new Map<string, Job>()
  const byToken = new Map<string, Job>()
  const unfinished = new Set<Job>()

  const update = (job: Job) => {
    if (!job.deleted) settle(job, upstream.render, clock.now())
    if (job.end !== null || job.deleted) unfinished.delete(job)
    return job
  }
  const visible = (job: Job | undefined) => (job === undefined || job.deleted ? undefined : update(job))
  const progress = (job: Job) => progressOf(job, upstream.render, clock.now())

  return {
    add(order, fate) {
      const job = newJob(upstream.dialect, { order, createdAt: clock.now(), fate })
      jobs.set(job.id, job)
      byToken.set(job.token, job)
      unfinished.add(job)
      return job
    },
    find: (id) => visible(jobs.get(id)),
    findByToken: (token) => visible(byToken.get(token)),
    poll(job) {
      job.polls += 1
      update(job)
    },
    progress,
    end(job, fate) {
      const failure = fate.type === 'fails' ? fate.failure : null
      job.end = { at: clock.now(), progress: failure === null ? 100 : progress(job), failure }
      update(job)
    },
    remove(job) {
      job.deleted = true
      update(job)
    },
    billed(job) {
      const isDue = upstream.chargedOn === 'create' || job.end?.failure === null
      return isDue ? priceOf(upstream.price, job.order) : 0
    },
    isExpired: (job) => job.end !== null && clock.now() >= job.end.at + lifetime(upstream) * 1000,
    running() {
      unfinished.forEach(update)
      return unfinished.size
    },
    all() {
      unfinished.forEach(update)
      return [...jobs.values()]
    },
    clear() {
      jobs.clear()
      byToken.clear()
      unfinished.clear()
    },
  }
}

/** Seconds from a job's end until its files are gone; official links lived for an hour (official-api.md §3.6). */
export function lifetime(upstream: SimulatedUpstream): number {
  return upstream.expiresAfterSeconds ?? 3600
}
