import { noteAsked } from './account.ts'
import {
  endAttempt,
  endUnlessOpen,
  isFree,
  isHeldEnough,
  isTerminal,
  keepTo,
  log,
  moveOn,
  moveOnAtRisk,
  outcomeUnknown,
  settleCost,
  warn,
} from './transition-buffer.ts'
import type { Draft } from './transition-buffer.ts'
import type { EventOf } from '../generation/event.ts'
import type { Failure, FailureCode } from '../generation/failure.ts'
import type { Attempt } from '../generation/generation.ts'
import { dueAfter } from '../scheduling/webhook-signal.ts'
import { isSnapshotOf } from '../routing/model-name.ts'
import type { Job } from './outcome.ts'

/** Once this is durable the create may leave; if the process dies after that, its outcome is unknown. */
export function submitting(
  draft: Draft,
  attempt: Attempt,
  { prompt, to, warnings }: EventOf<'submitting'>,
): void {
  attempt.state = 'submitting'
  attempt.prompt = prompt
  attempt.sentTo = { origin: to.origin, credential: to.credential, confirmed: true }
  attempt.submittedAt = draft.at
  attempt.dueAt = draft.at
  log(draft, 'attempt.submitting', { attempt: attempt.id, upstream: attempt.upstream })
  warn(draft, warnings)
}

/** What the create's answer means. Also taken from `unknown`: the answer may arrive after the lease moved on. */
export function createEnded(draft: Draft, attempt: Attempt, event: EventOf<'create_ended'>): void {
  if (attempt.state !== 'submitting' && attempt.state !== 'unknown') return
  const { outcome } = event
  switch (outcome.type) {
    case 'accepted':
      return accept(draft, attempt, outcome.job, event.nextAt)
    case 'unknown':
      return becomeUnknown(draft, attempt, outcome.message, event)
    case 'character_invalid':
      return mayRebind(draft, attempt)
        ? rebind(draft, attempt, outcome.message)
        : reject(draft, attempt, failure('character_invalid', outcome.message, true))
    case 'never_sent':
      return reject(draft, attempt, failure('never_sent', outcome.message, true, outcome.retryAfterMs))
    case 'rejected':
      return reject(draft, attempt, failure('overloaded', outcome.message, true, outcome.retryAfterMs))
    case 'upstream_down':
      return reject(draft, attempt, failure('upstream_down', outcome.message, true, outcome.retryAfterMs))
    case 'refused':
      return reject(draft, attempt, failure('refused', outcome.message, false))
    case 'invalid':
      return reject(draft, attempt, failure('invalid', outcome.message, outcome.elsewhere))
  }
}

/** Reconciliation found the job of a create whose answer was lost. */
export function jobFound(draft: Draft, attempt: Attempt, { job, by, nextAt }: EventOf<'job_found'>): void {
  noteAsked(attempt, by, true)
  accept(draft, attempt, job, nextAt)
}

/** One list without the job is not a verdict, and vendors put a job into their lists some time after they took it. */
const deniedAfterAbsent = 3
const listedWithinMs = 60_000

/**
 * Not found (yet). Absent from complete lists often and long enough, the upstream denies it: it was never taken. When the
 * hold is over the generation ends; the attempt stays unknown, and reserved, and watched.
 */
export function jobNotFoundYet(draft: Draft, attempt: Attempt, event: EventOf<'job_not_found_yet'>): void {
  const { next, at } = draft
  const { absent } = event
  noteAsked(attempt, event.by, false)
  attempt.askedAt = event.askedAt
  if (event.candidateId !== undefined) attempt.candidateId = event.candidateId
  attempt.dueAt = absent ? event.nextAt : dueAfter(draft, attempt, event)
  const isTelling = absent && at - attempt.lastChangeAt >= listedWithinMs
  attempt.notFound = isTelling ? attempt.notFound + 1 : 0
  if (attempt.notFound >= deniedAfterAbsent) {
    const message = `${attempt.upstream} lists its recent jobs, and this one is not among them: it was not taken.`
    return reject(draft, attempt, failure('lost', message, true))
  }
  if (!isHeldEnough(attempt, at) || isTerminal(next) || next.nextAttemptAt !== null) return
  endUnlessOpen(draft, outcomeUnknown(draft, attempt))
}

function accept(draft: Draft, attempt: Attempt, job: Job, firstPollAt: number): void {
  attempt.upstreamId = job.upstreamId
  attempt.candidateId = null
  attempt.operation = job.operation
  attempt.upstreamModel = job.model
  attempt.acceptedAt = draft.at
  attempt.lastChangeAt = draft.at
  attempt.holdUntil = null
  attempt.notFound = 0
  attempt.dueAt = firstPollAt
  log(draft, 'attempt.accepted', {
    attempt: attempt.id,
    upstream: attempt.upstream,
    upstream_id: job.upstreamId,
  })
  warnOfModel(draft, attempt, job.model)
  warnOfRepeats(draft, attempt, job.repeated ?? 0)
  // After the end of the generation the job is only watched, so that it can be cancelled and its cost be settled.
  if (isTerminal(draft.next)) {
    attempt.state = 'abandoned'
    attempt.dueAt = draft.at
  } else {
    attempt.state = 'running'
    attempt.failure = null
    keepTo(draft, attempt)
  }
}

function warnOfRepeats(draft: Draft, attempt: Attempt, repeated: number): void {
  if (repeated === 0) return
  const detail = `${attempt.upstream} says that it sent this create ${repeated + 1} times: there may be more than one bill. Turn its retries off.`
  warn(draft, [{ code: 'two_bills_possible', detail }])
}

/** Resellers answer with dated snapshots of the model asked for; only another name is worth a warning. */
export function warnOfModel(draft: Draft, attempt: Attempt, model: string | null): void {
  if (model === null || isSnapshotOf(attempt.model, model)) return
  attempt.upstreamModel = model
  warn(draft, [
    {
      code: 'model_substituted',
      detail: `${attempt.upstream} was asked for ${attempt.model} and says it runs ${model}.`,
    },
  ])
}

function becomeUnknown(
  draft: Draft,
  attempt: Attempt,
  message: string,
  event: EventOf<'create_ended'>,
): void {
  if (attempt.state === 'unknown') return
  attempt.state = 'unknown'
  attempt.lastChangeAt = draft.at
  attempt.holdUntil = Math.min(event.holdUntil, draft.next.deadlineAt)
  attempt.dueAt = event.nextAt
  attempt.failure = { code: 'outcome_unknown', message, fallback: false, retryAfterMs: null }
  log(draft, 'attempt.unknown', { attempt: attempt.id, upstream: attempt.upstream, message })
  moveOnAtRisk(draft, attempt)
}

/** Once, and not when another upstream took over while this answer was awaited. */
function mayRebind({ next }: Draft, attempt: Attempt): boolean {
  return !attempt.rebound && attempt.fidelity === 'native' && !isTerminal(next) && isFree(next, attempt)
}

function rebind(draft: Draft, attempt: Attempt, message: string): void {
  attempt.state = 'binding'
  attempt.rebound = true
  attempt.dueAt = draft.at
  attempt.holdUntil = null
  attempt.failure = null
  draft.next.nextAttemptAt = null
  log(draft, 'attempt.rebinding', { attempt: attempt.id, upstream: attempt.upstream, message })
}

function reject(draft: Draft, attempt: Attempt, verdict: Failure): void {
  settleCost(attempt, 'not_taken')
  endAttempt(draft, attempt, { state: 'failed', failure: verdict })
  moveOn(draft, verdict)
}

function failure(
  code: FailureCode,
  message: string,
  fallback: boolean,
  retryAfterMs: number | null = null,
): Failure {
  return { code, message, fallback, retryAfterMs }
}
