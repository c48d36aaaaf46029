import { newJob, progressOf, endIfDue } from './job.ts'
import type { Fate, Job, Order } from './job.ts'
import { priceOf } from '../control/price.ts'
import type { DialectName, ProfileName, SimulatedUpstream } from '../simulated-upstream.ts'

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
}

/** The jobs of one upstream. Nothing runs in the background: a job is brought up to date when it is read. */
export interface JobBook {
  add(id: string, order: Order, fate: Fate): Job
  /** The job in its current state; undefined once it is deleted. */
  find(id: string): Job | undefined
  findByToken(token: string): Job | undefined
  /** Counts as one of the polls that a render with `{polls}` waits for. */
  poll(job: Job): void
  progress(job: Job): number
  /** Ends a running job now. */
  end(job: Job, fate: Exclude<Fate, { type: 'sticks' }>): void
  /** Deletes the job for callers and stops it if it runs. Accepted creates stay counted. */
  remove(job: Job): void
  /** Deletes it for callers, while the engine continues. */
  hide(job: Job): void
  /** Micro-dollars billed for the job so far. */
  billed(job: Job): number
  /** Whether its files have expired (`expiresAfterSeconds`). */
  isExpired(job: Job): boolean
  /** The number of running jobs. */
  running(): number
  /** Every job ever added, oldest first. */
  all(): Job[]
  clear(): void
}

/** @param onEnd called once for every job that ends, when it is next read */
export function createJobBook(
  upstream: SimulatedUpstream,
  clock: Clock,
  onEnd: (job: Job) => void = () => undefined,
): JobBook {
  const jobs = new Map<string, Job>()
  const byToken = new Map<string, Job>()
  const unfinished = new Set<Job>()

  const update = (job: Job) => {
    const hasEnded = !job.stopped && endIfDue(job, upstream.render, clock.now())
    if (hasEnded) onEnd(job)
    if (job.end !== null || job.stopped) unfinished.delete(job)
    return job
  }
  const visible = (job: Job | undefined) => (job === undefined || job.deleted ? undefined : update(job))
  const progress = (job: Job) => progressOf(job, upstream.render, clock.now())

  return {
    add(id, order, fate) {
      const job = newJob({ id, order, createdAt: clock.now(), fate })
      jobs.set(job.id, job)
      byToken.set(job.token, job)
      unfinished.add(job)
      return job
    },
    find: (id) => visible(jobs.get(id)),
    findByToken: (token) => visible(byToken.get(token)),
    poll(job) {
      job.polls += 1
      job.polledAt = clock.now()
      update(job)
    },
    progress,
    end(job, fate) {
      const failure = fate.type === 'fails' ? fate.failure : null
      job.end = { at: clock.now(), progress: failure === null ? 100 : progress(job), failure }
      onEnd(job)
      update(job)
    },
    remove(job) {
      job.deleted = true
      job.stopped = true
      update(job)
    },
    hide(job) {
      job.deleted = true
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

/** Seconds from a job's end until its files expire. */
export function lifetime(upstream: SimulatedUpstream): number {
  const { profile, dialect } = upstream
  return upstream.expiresAfterSeconds ?? usualLifetimes[profile ?? dialect] ?? 3600
}

/**
 * Published lifetimes: grsai 2 h, fal and WaveSpeed a week, kie and Seedance a day
 * (docs/vendors/resellers.md#lengths-shapes-and-lifetimes). Official links lived for an hour, Azure's for a day,
 * Gemini's live for two (docs/vendors/openai-videos.md#expiry).
 */
const usualLifetimes: Partial<Record<DialectName | ProfileName, number>> = {
  azure: 86_400,
  'gemini-compat': 172_800,
  grsai: 7200,
  'fal-queue': 604_800,
  wavespeed: 604_800,
  'kie-jobs': 86_400,
  'volc-asset': 86_400,
  'ark-tasks': 86_400,
}
