import { jobFound } from './create-transitions.ts'
import { endAttempt, log, moveOn, warn } from './draft.ts'
import type { Draft } from './draft.ts'
import type { EventOf } from './event.ts'
import type { Failure } from './failure.ts'
import type { Attempt } from './generation.ts'
import { isWatched } from './watched.ts'

type ResolutionEvent = EventOf<'resolved_taken' | 'resolved_not_taken' | 'watched'>

/** Only an unknown attempt can be resolved: of any other its upstream has said what it is. */
export function resolutionTold(draft: Draft, attempt: Attempt, event: ResolutionEvent): void {
  if (event.type === 'watched') return isWatched(attempt) ? watched(draft, attempt, event) : undefined
  if (attempt.state !== 'unknown') return
  const { resolution } = event
  attempt.resolution = resolution
  log(draft, 'attempt.resolved', {
    attempt: attempt.id,
    upstream: attempt.upstream,
    verdict: resolution.verdict,
    by: resolution.by,
  })
  return event.type === 'resolved_taken'
    ? jobFound(draft, attempt, { ...event, type: 'job_found' })
    : notTaken(draft, attempt, event)
}

function notTaken(draft: Draft, attempt: Attempt, event: EventOf<'resolved_not_taken'>): void {
  const message = `An operator found out that ${attempt.upstream} did not take the job.`
  const failure: Failure = { code: 'not_taken', message, fallback: true, retryAfterMs: null }
  attempt.costMicros = event.costMicros
  attempt.costState = 'settled'
  endAttempt(draft, attempt, { state: 'failed', failure })
  attempt.dueAt = event.watchAt
  moveOn(draft, failure)
}

function watched(draft: Draft, attempt: Attempt, { foundId, nextAt }: EventOf<'watched'>): void {
  attempt.dueAt = nextAt
  if (foundId === null || attempt.resolution === null) return
  // From now on the job is this attempt's, so that no other takes it for its own.
  attempt.upstreamId = foundId
  attempt.dueAt = null
  attempt.resolution = { ...attempt.resolution, contradiction: { upstreamId: foundId, at: draft.at } }
  log(draft, 'attempt.contradicted', {
    attempt: attempt.id,
    upstream: attempt.upstream,
    upstream_id: foundId,
  })
  const detail = `${attempt.upstream} has the job ${foundId}, which was said not to have been taken; what it costs is not in the ledger.`
  warn(draft, [{ code: 'resolution_contradicted', detail }])
}
