import { archived, archiveDelayed, archiveFailed, jobReported, pollAwaited } from './job-transitions.ts'
import {
  attemptIn,
  bufferOf,
  endAttempt,
  endUnlessOpen,
  endUnsent,
  expires,
  failGeneration,
  isTerminal,
  log,
  moveOn,
  settleCost,
  warn,
} from './transition-buffer.ts'
import type { TransitionBuffer } from './transition-buffer.ts'
import { clockSetBack } from '../scheduling/clock-step.ts'
import { setAsideWarning } from '../generation/crash.ts'
import { createEnded, jobFound, jobNotFoundYet, submitting } from './create-transitions.ts'
import type { EventOf, GenerationEvent } from '../generation/event.ts'
import type { Attempt, Generation } from '../generation/generation.ts'
import type { LogEntry } from '../generation/history.ts'
import { pollRequested } from '../scheduling/requested-poll.ts'
import { dueAtOf, progressOf } from '../generation/derived.ts'
import { askByDeadline } from '../scheduling/last-poll.ts'
import { restoreHeld, restoreReleased, restoreSuspected } from '../generation/restore-hold.ts'
import { resolutionTold } from './resolution-transitions.ts'
import { clearLastError, stepFailed } from '../scheduling/step-retry.ts'

export interface Transition {
  generation: Generation
  entries: LogEntry[]
}

/**
 * The only writer of a generation's state.
 *
 * Generation: `queued → in_progress → completed | failed | cancelled`; the last three are final: later events may still
 * settle an attempt's cost or bring a late video, but never change status or error.
 *
 * Attempt: `binding → submitting → running → archiving → succeeded`, each of the first four also `→ failed`;
 * `submitting → unknown → running | failed` (reconciled); `running → abandoned → archiving | succeeded | failed` (late);
 * `failed → running | abandoned` once, when the job turns up that a person said was not taken;
 * `submitting | unknown → binding` once, when the upstream no longer knows a character.
 *
 * At most one attempt is live (binding, submitting, unknown, running, archiving, abandoned) unless the request says
 * `on_unknown: fallback`, or a person said of a job that it was not taken. An event that comes too late for its attempt's state changes nothing.
 *
 * Throws when an event names an attempt that does not exist: that is a fault of the caller, not of an upstream.
 */
export function transition(generation: Generation, event: GenerationEvent): Transition {
  const buffer = bufferOf(generation, event.at)
  clearLastError(buffer, event)
  apply(buffer, event)
  askByDeadline(buffer.next, event.at)
  buffer.next.progress = progressOf(buffer.next)
  buffer.next.dueAt = dueAtOf(buffer.next)
  return { generation: buffer.next, entries: buffer.entries }
}

function apply(buffer: TransitionBuffer, event: GenerationEvent): void {
  switch (event.type) {
    case 'attempt_started':
      return attemptStarted(buffer, event)
    case 'candidate_awaited':
      // Null by now when a job was found meanwhile: then nothing is awaited any more.
      if (buffer.next.nextAttemptAt !== null) buffer.next.nextAttemptAt = event.until
      return
    case 'no_candidate':
      return noCandidate(buffer, event)
    case 'binding_awaited':
      return inState(buffer, event, 'binding', (attempt) => {
        attempt.dueAt = event.until
      })
    case 'binding_failed':
      return inState(buffer, event, 'binding', (attempt) => {
        settleCost(attempt, 'not_taken')
        endAttempt(buffer, attempt, { state: 'failed', failure: event.failure })
        moveOn(buffer, event.failure)
      })
    case 'submitting':
      return inState(buffer, event, 'binding', (attempt) => submitting(buffer, attempt, event))
    case 'create_ended':
      return createEnded(buffer, attemptIn(buffer, event.attemptId), event)
    case 'job_found':
      return inState(buffer, event, 'unknown', (attempt) => jobFound(buffer, attempt, event))
    case 'job_not_found_yet':
      return inState(buffer, event, 'unknown', (attempt) => jobNotFoundYet(buffer, attempt, event))
    case 'resolved_taken':
    case 'resolved_not_taken':
    case 'watched':
      return resolutionTold(buffer, attemptIn(buffer, event.attemptId), event)
    case 'poll_awaited':
      return pollAwaited(attemptIn(buffer, event.attemptId), event)
    case 'job_reported':
      return jobReported(buffer, attemptIn(buffer, event.attemptId), event)
    case 'step_failed':
      return stepFailed(buffer, event)
    case 'poll_requested':
      return pollRequested(buffer, attemptIn(buffer, event.attemptId))
    case 'archived':
      return inState(buffer, event, 'archiving', (attempt) => archived(buffer, attempt, event))
    case 'archive_delayed':
      return inState(buffer, event, 'archiving', (attempt) => archiveDelayed(attempt, event))
    case 'archive_failed':
      return inState(buffer, event, 'archiving', (attempt) => archiveFailed(buffer, attempt, event))
    case 'cancel_requested':
      if (!isTerminal(buffer.next))
        failGeneration(buffer, { code: 'cancelled', message: 'Cancelled by the caller.' })
      return
    case 'key_revoked':
      return keyRevoked(buffer)
    case 'cancel_asked':
      return inState(buffer, event, 'abandoned', (attempt) => {
        attempt.cancelAsked = true
      })
    case 'cancel_answered':
      return inState(buffer, event, 'abandoned', (attempt) => cancelAnswered(buffer, attempt, event))
    case 'starts_closed':
      return startsClosed(buffer)
    case 'deadline_reached':
      return deadlineReached(buffer)
    case 'video_expired':
      return videoExpired(buffer)
    case 'create_repeated':
      return warn(buffer, [{ code: 'replayed_for_retry', detail: repeated }])
    case 'clock_set_back':
      return clockSetBack(buffer, event.byMs)
    case 'restore_held':
      return restoreHeld(buffer, event)
    case 'restore_released':
      return restoreReleased(buffer)
    case 'restore_suspected':
      return inState(buffer, event, 'binding', (attempt) => restoreSuspected(buffer, attempt, event))
    case 'set_aside':
      return warn(buffer, [setAsideWarning(event.until)])
  }
}

const repeated =
  'The client sent this request again because it saw no answer; it was stored and paid for once.'

function inState(
  buffer: TransitionBuffer,
  event: { attemptId: Attempt['id'] },
  state: Attempt['state'],
  change: (attempt: Attempt) => void,
): void {
  const attempt = attemptIn(buffer, event.attemptId)
  if (attempt.state === state) change(attempt)
}

function attemptStarted(buffer: TransitionBuffer, event: EventOf<'attempt_started'>): void {
  const { attempt: started, warnings } = event
  const { next, at } = buffer
  if (isTerminal(next) || next.nextAttemptAt === null) return
  const { attemptMs, ...chosen } = started
  next.attempts.push({
    ...chosen,
    state: 'binding',
    prompt: null,
    costMicros: 0,
    costState: 'reserved',
    delivered: false,
    sentTo: null,
    upstreamId: null,
    operation: null,
    result: null,
    upstreamModel: null,
    progress: 0,
    statusWord: null,
    detail: null,
    vendorCostMicros: null,
    notFound: 0,
    archiveTries: 0,
    lastError: null,
    askedAt: null,
    rebound: false,
    cancelAsked: false,
    startedAt: at,
    submittedAt: null,
    acceptedAt: null,
    lastChangeAt: at,
    deadlineAt: at + attemptMs,
    holdUntil: null,
    dueAt: at,
    endedAt: null,
    failure: null,
    resolution: null,
  })
  next.nextAttemptAt = null
  next.status = 'in_progress'
  log(buffer, 'attempt.started', {
    attempt: started.id,
    upstream: started.upstream,
    fidelity: started.fidelity,
    reserved_micros: started.reservedMicros,
  })
  warn(buffer, warnings)
}

/** An attempt whose outcome is open may still deliver, so the end of the candidates is not the end of the generation then. */
function noCandidate(buffer: TransitionBuffer, { error }: EventOf<'no_candidate'>): void {
  const { next } = buffer
  if (isTerminal(next)) return
  next.nextAttemptAt = null
  endUnlessOpen(buffer, error)
}

/** Nothing more is sent. A job that a vendor has is paid for, so it is waited for as before. */
function keyRevoked(buffer: TransitionBuffer): void {
  const { next } = buffer
  if (isTerminal(next)) return
  next.nextAttemptAt = null
  const message = 'The key was revoked or expired before this was sent.'
  for (const attempt of next.attempts.filter(({ state }) => state === 'binding')) {
    settleCost(attempt, 'not_taken')
    const failure = { code: 'cancelled', message, fallback: false, retryAfterMs: null } as const
    endAttempt(buffer, attempt, { state: 'failed', failure })
  }
  endUnlessOpen(buffer, { code: 'key_revoked', message })
}

function cancelAnswered(
  buffer: TransitionBuffer,
  attempt: Attempt,
  { outcome, nextAt }: EventOf<'cancel_answered'>,
): void {
  attempt.dueAt = nextAt
  if (outcome.type !== 'cancelled') return
  settleCost(attempt, 'failed')
  endAttempt(buffer, attempt, {
    state: 'failed',
    failure: {
      code: 'cancelled',
      message: 'Cancelled at the upstream.',
      fallback: false,
      retryAfterMs: null,
    },
  })
}

function startsClosed(buffer: TransitionBuffer): void {
  if (isTerminal(buffer.next)) return
  buffer.next.nextAttemptAt = null
  endUnsent(buffer, 'deadline')
}

function deadlineReached(buffer: TransitionBuffer): void {
  const { next } = buffer
  if (!expires(next)) return
  const unknown = next.attempts.some(({ state }) => state === 'unknown' || state === 'submitting')
  failGeneration(
    buffer,
    unknown
      ? {
          code: 'outcome_unknown',
          message: 'The deadline passed while it was unknown whether the upstream took the job.',
        }
      : { code: 'deadline_exceeded', message: 'The deadline passed before a video was ready.' },
  )
}

function videoExpired(buffer: TransitionBuffer): void {
  const { next, at } = buffer
  if (next.video === null || next.video.expiredAt !== null) return
  next.video = { ...next.video, expiredAt: at }
  log(buffer, 'generation.video_expired')
}
