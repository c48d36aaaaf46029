import type { GenerationError, Warning } from '../../generation/failure.ts'
import type { Generation } from '../../generation/generation.ts'
import { setAsideWarning } from '../../scheduling/crash.ts'
import type { EventOf, GenerationEvent } from '../../generation/event.ts'
import { restoreHeld, restoreReleased } from '../../restore/restore-hold.ts'
import { clockSetBack } from '../../scheduling/clock-step.ts'
import { startFailed } from '../../scheduling/step-retry.ts'
import { endAttempt, endUnlessOpen, endUnsent, failGeneration, settleCost } from './ends.ts'
import { expires, isTerminal } from '../../generation/liveness.ts'
import { newAttempt } from '../new-attempt.ts'
import { log, warn } from '../transition-buffer.ts'
import type { TransitionBuffer } from '../transition-buffer.ts'
import type { AttemptEvent } from './applicable-states.ts'

/** Writes what an event changes that is about the generation as a whole. */
export function applyToGeneration(
  buffer: TransitionBuffer,
  event: Exclude<GenerationEvent, AttemptEvent>,
): void {
  switch (event.type) {
    case 'attempt_started':
      return attemptStarted(buffer, event)
    case 'candidate_awaited':
      // Null if a job was found in the meantime: then nothing is waited for.
      if (buffer.next.nextAttemptAt === null) return
      buffer.next.nextAttemptAt = event.until
      return warn(buffer, event.warnings ?? [])
    case 'no_candidate':
      return noCandidate(buffer, event)
    case 'step_failed':
      return startFailed(buffer)
    case 'cancel_requested':
      if (!isTerminal(buffer.next)) failGeneration(buffer, cancelledBy(event))
      return
    case 'key_revoked':
      return keyRevoked(buffer)
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
    case 'set_aside':
      return warn(buffer, [setAsideWarning(event.until)])
  }
}

function cancelledBy({ byOperator = false }: EventOf<'cancel_requested'>): GenerationError {
  return { code: 'cancelled', message: `Cancelled by ${byOperator ? 'an operator' : 'the caller'}.` }
}

const repeated =
  'The client repeated this request because it received no response. It was stored and paid for only once.'

function attemptStarted(buffer: TransitionBuffer, event: EventOf<'attempt_started'>): void {
  const { attempt: started, warnings } = event
  const { next, at } = buffer
  if (isTerminal(next) || next.nextAttemptAt === null) return
  next.attempts.push(newAttempt(started, at))
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

/** Nothing more is sent. Accepted jobs are paid for, so they are still waited for. */
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
          message: 'The deadline passed before it was known whether the upstream accepted the job.',
        }
      : { code: 'deadline_exceeded', message: lateMessage(next) },
  )
}

/** What an operator decided keeps the upstream from taking it. */
function isParked({ code }: Warning): boolean {
  return code === 'upstream_paused' || code === 'upstream_disabled' || code === 'upstream_over_spend_cap'
}

function lateMessage({ attempts, warnings }: Generation): string {
  const parked = warnings.find(isParked)
  return attempts.length === 0 && parked !== undefined
    ? `The deadline passed before this was sent. ${parked.detail}`
    : 'The deadline passed before a video was ready.'
}

function videoExpired(buffer: TransitionBuffer): void {
  const { next, at } = buffer
  if (next.video === null || next.video.expiredAt !== null) return
  next.video = { ...next.video, expiredAt: at }
  log(buffer, 'generation.video_expired')
}
