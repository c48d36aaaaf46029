import type { Attempt, Generation } from '../generation/generation.ts'
import type { JobReport } from '../attempts/outcome.ts'
import type { UpstreamSpec } from '../routing/upstream.ts'

const second = 1000
/** Vendors were seen to say a day; a job that may be done is asked about sooner. */
const longestRetryAfterMs = 600 * second

/** Doubles from one second up to `maxMs`; `tries` starts at 0. */
export function backoffMs(tries: number, maxMs: number): number {
  return Math.min(maxMs, second * 2 ** Math.min(tries, 20))
}

export interface PolledJob {
  spec: Pick<UpstreamSpec, 'poll'>
  /** The interval of polls as it was learnt, in ms. Absent: the configured one. */
  intervalMs?: number
  generation: Pick<Generation, 'createdAt' | 'completedAt' | 'deadlineAt'>
  attempt: Pick<Attempt, 'state' | 'deadlineAt'>
  now: number
  watchMs: number
}

/**
 * When to ask about a job again, from what was just said. An abandoned job is asked ever less often, and not at all once
 * the watch is over (null): `watchMs` after the generation was made.
 */
export function nextPollAt(
  report: JobReport,
  { spec, intervalMs = spec.poll.everyMs, generation, attempt, now, watchMs }: PolledJob,
): number | null {
  const wait = 'retryAfterMs' in report ? Math.min(report.retryAfterMs ?? 0, longestRetryAfterMs) : 0
  const every = Math.ceil(Math.max(intervalMs, wait))
  const ended = generation.completedAt
  if (ended === null && attempt.state !== 'abandoned') {
    // What it asks for does not carry the poll past the deadline: a video that is done by then is worth one more.
    const last = Math.min(attempt.deadlineAt, generation.deadlineAt) - spec.poll.everyMs
    return now + every > last && last >= now + spec.poll.everyMs ? last : now + every
  }
  if (now - generation.createdAt >= watchMs) return null
  const since = Math.max(0, now - (ended ?? attempt.deadlineAt))
  return now + Math.max(every, Math.min(60 * second, Math.round(since / 10)))
}

/** When to look for the job of an unknown create again: soon at first, each minute later on; null when the watch is over. */
export function nextReconcileAt(
  generation: Pick<Generation, 'createdAt'>,
  attempt: Pick<Attempt, 'submittedAt' | 'holdUntil'>,
  { now, watchMs }: { now: number; watchMs: number },
): number | null {
  if (now - generation.createdAt >= watchMs) return null
  const asked = Math.max(0, now - (attempt.submittedAt ?? now))
  const next = now + Math.min(60 * second, Math.max(second, Math.round(asked / 4)))
  const hold = attempt.holdUntil ?? next
  return hold > now ? Math.min(next, hold) : next
}

/** A host of files was seen to answer 404 for seconds before a new file was everywhere, and for good after it was dropped. */
const goneTries = 3
const goneEveryMs = 20 * second
/** While the disk is full: each try downloads until there is no room again. */
const fullEveryMs = 60 * second

/**
 * When to try the download of a finished video again, or null when it was tried often enough: about twenty minutes, or when
 * the upstream said three times in a row, over forty seconds, that it is gone.
 */
export function nextArchiveAt(
  { archiveTries, notFound }: Pick<Attempt, 'archiveTries' | 'notFound'>,
  answer: { gone: boolean; full: boolean; retryAfterMs: number | null },
  now: number,
): number | null {
  if (answer.full) return now + fullEveryMs
  if (archiveTries >= 24 || (answer.gone && notFound + 1 >= goneTries)) return null
  const wait = Math.max(
    Math.min(answer.retryAfterMs ?? 0, longestRetryAfterMs),
    backoffMs(archiveTries, 60 * second),
    answer.gone ? goneEveryMs : 0,
  )
  return now + Math.ceil(wait)
}

/**
 * The generic cell rate algorithm: `slot` is the theoretical arrival time of the last admitted call (0 at first),
 * `intervalMs` the time one call takes up, `burst` how many may come at once.
 */
export function admit(
  slot: number,
  now: number,
  intervalMs: number,
  burst: number,
): { admitted: true; slot: number } | { admitted: false; retryAt: number } {
  // No call that was admitted reaches further ahead: the clock was set back since, and the slot means nothing now.
  const isStale = slot > now + intervalMs * burst
  const arrival = isStale ? now : Math.max(slot, now)
  const retryAt = arrival - intervalMs * (burst - 1)
  return retryAt > now
    ? { admitted: false, retryAt: Math.ceil(retryAt) }
    : { admitted: true, slot: arrival + intervalMs }
}
