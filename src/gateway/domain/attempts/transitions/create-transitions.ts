import { noteAsked } from '../account.ts'
import { endAttempt, endUnlessOpen, outcomeUnknown, settleCost } from './ends.ts'
import { isFree, isHeldEnough, isTerminal } from '../../generation/liveness.ts'
import { keepTo, moveOn, moveOnAtRisk } from './move-on.ts'
import { log, warn } from '../transition-buffer.ts'
import type { TransitionBuffer } from '../transition-buffer.ts'
import type { EventOf } from '../../generation/event.ts'
import type { Failure, FailureCode } from '../../generation/failure.ts'
import type { Attempt } from '../../generation/generation.ts'
import { dueAfter } from '../../scheduling/requested-poll.ts'
import { isSnapshotOf } from '../../routing/model-name.ts'
import type { Job } from '../outcome.ts'

/** Once this is durable the create may leave; if the process dies after that, its outcome is unknown. */
export function submitting(
  buffer: TransitionBuffer,
  attempt: Attempt,
  { prompt, to, warnings }: EventOf<'submitting'>,
): void {
  attempt.state = 'submitting'
  attempt.prompt = prompt
  attempt.sentTo = { origin: to.origin, credential: to.credential, confirmed: true }
  attempt.submittedAt = buffer.at
  attempt.dueAt = buffer.at
  log(buffer, 'attempt.submitting', { attempt: attempt.id, upstream: attempt.upstream })
  warn(buffer, warnings)
}

/** What the create's answer means. Also taken from `unknown`: the answer may arrive after the lease moved on. */
export function createEnded(
  buffer: TransitionBuffer,
  attempt: Attempt,
  event: EventOf<'create_ended'>,
): void {
  const { outcome } = event
  switch (outcome.type) {
    case 'accepted':
      return accept(buffer, attempt, outcome.job, event.nextAt)
    case 'unknown':
      return becomeUnknown(buffer, attempt, outcome.message, event)
    case 'character_invalid':
      return mayRebind(buffer, attempt)
        ? rebind(buffer, attempt, outcome.message)
        : reject(buffer, attempt, failure('character_invalid', outcome.message, true))
    case 'never_sent':
      return reject(buffer, attempt, failure('never_sent', outcome.message, true, outcome.retryAfterMs))
    case 'rejected':
      return reject(buffer, attempt, failure('overloaded', outcome.message, true, outcome.retryAfterMs))
    case 'upstream_down':
      return reject(buffer, attempt, failure('upstream_down', outcome.message, true, outcome.retryAfterMs))
    case 'refused':
      return reject(buffer, attempt, failure('refused', outcome.message, false))
    case 'invalid':
      return reject(buffer, attempt, failure('invalid', outcome.message, outcome.elsewhere))
  }
}

/** Reconciliation found the job of a create whose answer was lost. */
export function jobFound(
  buffer: TransitionBuffer,
  attempt: Attempt,
  { job, by, nextAt }: EventOf<'job_found'>,
): void {
  noteAsked(attempt, by, true)
  accept(buffer, attempt, job, nextAt)
}

/** A single list without the job proves nothing: vendors add jobs to their lists with a delay. */
const deniedAfterAbsent = 3
const listedWithinMs = 60_000

/**
 * The job was not found. If complete lists miss it often and long enough, it counts as never accepted. When the hold ends,
 * the generation ends; the attempt stays unknown with its reserved cost, and is still watched.
 */
export function jobNotFoundYet(
  buffer: TransitionBuffer,
  attempt: Attempt,
  event: EventOf<'job_not_found_yet'>,
): void {
  const { next, at } = buffer
  const { absent } = event
  noteAsked(attempt, event.by, false)
  attempt.askedAt = event.askedAt
  if (event.candidateId !== undefined) attempt.candidateId = event.candidateId
  attempt.dueAt = absent ? event.nextAt : dueAfter(buffer, attempt, event)
  const isTelling = absent && at - attempt.lastChangeAt >= listedWithinMs
  attempt.notFound = isTelling ? attempt.notFound + 1 : 0
  if (attempt.notFound >= deniedAfterAbsent) {
    const message = `${attempt.upstream} does not list this job among its recent ones: it was not accepted.`
    return reject(buffer, attempt, failure('lost', message, true))
  }
  if (!isHeldEnough(attempt, at) || isTerminal(next) || next.nextAttemptAt !== null) return
  endUnlessOpen(buffer, outcomeUnknown(buffer, attempt))
}

function accept(buffer: TransitionBuffer, attempt: Attempt, job: Job, firstPollAt: number): void {
  attempt.upstreamId = job.upstreamId
  attempt.candidateId = null
  attempt.operation = job.operation
  attempt.upstreamModel = job.model
  attempt.acceptedAt = buffer.at
  attempt.lastChangeAt = buffer.at
  attempt.holdUntil = null
  attempt.notFound = 0
  attempt.dueAt = firstPollAt
  log(buffer, 'attempt.accepted', {
    attempt: attempt.id,
    upstream: attempt.upstream,
    upstream_id: job.upstreamId,
  })
  warnOfModel(buffer, attempt, job.model)
  warnOfRepeats(buffer, attempt, job.repeated ?? 0)
  // After the end of the generation the job is only watched, so that it can be cancelled and its cost be settled.
  if (isTerminal(buffer.next)) {
    attempt.state = 'abandoned'
    attempt.dueAt = buffer.at
  } else {
    attempt.state = 'running'
    attempt.failure = null
    keepTo(buffer, attempt)
  }
}

function warnOfRepeats(buffer: TransitionBuffer, attempt: Attempt, repeated: number): void {
  if (repeated === 0) return
  const detail = `${attempt.upstream} says that it sent this create ${repeated + 1} times: there may be more than one bill. Turn its retries off.`
  warn(buffer, [{ code: 'two_bills_possible', detail }])
}

/** Resellers report dated snapshots of the requested model. Only a different model is worth a warning. */
export function warnOfModel(buffer: TransitionBuffer, attempt: Attempt, model: string | null): void {
  if (model === null || isSnapshotOf(attempt.model, model)) return
  attempt.upstreamModel = model
  warn(buffer, [
    {
      code: 'model_substituted',
      detail: `${attempt.upstream} reports the model ${model} instead of ${attempt.model}.`,
    },
  ])
}

function becomeUnknown(
  buffer: TransitionBuffer,
  attempt: Attempt,
  message: string,
  event: EventOf<'create_ended'>,
): void {
  if (attempt.state === 'unknown') return
  attempt.state = 'unknown'
  attempt.lastChangeAt = buffer.at
  attempt.holdUntil = Math.min(event.holdUntil, buffer.next.deadlineAt)
  attempt.dueAt = event.nextAt
  attempt.failure = { code: 'outcome_unknown', message, fallback: false, retryAfterMs: null }
  log(buffer, 'attempt.unknown', { attempt: attempt.id, upstream: attempt.upstream, message })
  moveOnAtRisk(buffer, attempt)
}

/** At most once, and not if another upstream took over in the meantime. */
function mayRebind({ next }: TransitionBuffer, attempt: Attempt): boolean {
  return !attempt.rebound && attempt.fidelity === 'native' && !isTerminal(next) && isFree(next, attempt)
}

function rebind(buffer: TransitionBuffer, attempt: Attempt, message: string): void {
  attempt.state = 'binding'
  attempt.rebound = true
  attempt.dueAt = buffer.at
  attempt.holdUntil = null
  attempt.failure = null
  buffer.next.nextAttemptAt = null
  log(buffer, 'attempt.rebinding', { attempt: attempt.id, upstream: attempt.upstream, message })
}

function reject(buffer: TransitionBuffer, attempt: Attempt, verdict: Failure): void {
  settleCost(attempt, 'not_taken')
  endAttempt(buffer, attempt, { state: 'failed', failure: verdict })
  moveOn(buffer, verdict)
}

function failure(
  code: FailureCode,
  message: string,
  fallback: boolean,
  retryAfterMs: number | null = null,
): Failure {
  return { code, message, fallback, retryAfterMs }
}
