import { jobFound } from './create-transitions.ts'
import { endAttempt } from './ends.ts'
import { log, warn } from '../transition-buffer.ts'
import { moveOn } from './move-on.ts'
import type { TransitionBuffer } from '../transition-buffer.ts'
import { isPaidInVain } from '../../generation/search/attention.ts'
import type { EventOf } from '../../generation/event.ts'
import type { Failure } from '../../generation/failure.ts'
import type { Attempt } from '../../generation/generation.ts'

/** The upstream knows this very job. */
export function resolvedTaken(
  buffer: TransitionBuffer,
  attempt: Attempt,
  event: EventOf<'resolved_taken'>,
): void {
  noteResolution(buffer, attempt, event)
  jobFound(buffer, attempt, { ...event, type: 'job_found' })
}

export function resolvedNotTaken(
  buffer: TransitionBuffer,
  attempt: Attempt,
  event: EventOf<'resolved_not_taken'>,
): void {
  noteResolution(buffer, attempt, event)
  const message = `An operator reported that ${attempt.upstream} did not accept the job.`
  // Nothing of it left from here, so that the same upstream may be asked again.
  const code = attempt.awaitsPerson === undefined ? 'not_taken' : 'never_sent'
  const failure: Failure = { code, message, fallback: true, retryAfterMs: null }
  attempt.costMicros = event.costMicros
  attempt.costState = 'settled'
  endAttempt(buffer, attempt, { state: 'failed', failure })
  attempt.dueAt = event.watchAt
  moveOn(buffer, failure)
}

/** What the bill says replaces the settled cost; the expected cost stays what it was. */
export function chargeResolved(
  buffer: TransitionBuffer,
  attempt: Attempt,
  event: EventOf<'charge_resolved'>,
): void {
  if (!isPaidInVain(buffer.next, attempt)) return
  noteResolution(buffer, attempt, event)
  if (event.costMicros === null) return
  attempt.listMicros ??= attempt.costMicros
  attempt.costMicros = event.costMicros
  attempt.costSource = 'vendor'
}

function noteResolution(
  buffer: TransitionBuffer,
  attempt: Attempt,
  { resolution }: EventOf<'resolved_taken' | 'resolved_not_taken' | 'charge_resolved'>,
): void {
  attempt.resolution = resolution
  if (attempt.awaitsPerson !== undefined) attempt.awaitsPerson = false
  log(buffer, 'attempt.resolved', {
    attempt: attempt.id,
    upstream: attempt.upstream,
    verdict: resolution.verdict,
    by: resolution.by,
  })
}

/**
 * A job that turns up all the same is followed like one that was found: a video is delivered where there is none, and what it
 * costs is settled by what the upstream does. What a person said that it charged stays.
 */
export function watched(
  buffer: TransitionBuffer,
  attempt: Attempt,
  { job, by, nextAt }: EventOf<'watched'>,
): void {
  attempt.dueAt = nextAt
  const { id, upstream, resolution } = attempt
  if (job === null || resolution === null) return
  const { upstreamId } = job
  attempt.resolution = {
    ...resolution,
    contradiction: { upstreamId, at: buffer.at, ...(attempt.costMicros > 0 && { wasCharged: true }) },
  }
  log(buffer, 'attempt.contradicted', { attempt: id, upstream, upstream_id: upstreamId })
  const detail = `${upstream} has the job ${upstreamId}, although it was resolved as not taken. The job is followed and its cost is counted.`
  warn(buffer, [{ code: 'resolution_contradicted', detail }])
  const message = `${upstream} has the job, although it was resolved as not taken.`
  attempt.failure = { code: 'not_taken', message, fallback: false, retryAfterMs: null }
  attempt.endedAt = null
  if (attempt.costMicros === 0) attempt.costState = 'reserved'
  jobFound(buffer, attempt, { type: 'job_found', at: buffer.at, attemptId: id, job, by, nextAt: buffer.at })
}
