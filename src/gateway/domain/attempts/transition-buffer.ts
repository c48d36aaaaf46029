import type {
  Failure,
  FailureCode,
  GenerationError,
  GenerationErrorCode,
  Warning,
} from '../generation/failure.ts'
import type { Attempt, AttemptState, Generation } from '../generation/generation.ts'
import type { LogEntry, LogEntryType } from '../generation/history.ts'
import type { AttemptId } from '../ids.ts'
import type { Json } from '../json.ts'

/** The next generation while one transition writes it: an own copy of everything that may change, and the log it makes. */
export interface TransitionBuffer {
  next: Generation
  entries: LogEntry[]
  at: number
}

export function bufferOf(generation: Generation, at: number): TransitionBuffer {
  return {
    next: {
      ...generation,
      attempts: generation.attempts.map((attempt) => ({ ...attempt })),
      warnings: [...generation.warnings],
    },
    entries: [],
    at,
  }
}

export function log(buffer: TransitionBuffer, type: LogEntryType, data: { [key: string]: Json } = {}): void {
  // If the clock was set back, no entry is dated before the creation of the generation.
  buffer.entries.push({ type, at: Math.max(buffer.at, buffer.next.createdAt), data })
}

export function attemptIn(buffer: TransitionBuffer, id: AttemptId): Attempt {
  const attempt = buffer.next.attempts.find((candidate) => candidate.id === id)
  if (attempt === undefined) throw new Error(`generation ${buffer.next.id} has no attempt ${id}`)
  return attempt
}

export function isTerminal({ status }: Generation): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

/** The deadline does not apply while a finished video is being archived, or while a restore holds the generation. */
export function expires(generation: Generation): boolean {
  if (isHeldBack(generation)) return false
  return !isTerminal(generation) && !generation.attempts.some(({ state }) => state === 'archiving')
}

/** Only if a later step or an operator will look at it again; otherwise the hold would never end. */
function isHeldBack({ heldSince = null, nextAttemptAt, attempts }: Generation): boolean {
  const looks = attempts.some(
    ({ state, dueAt, awaitsPerson }) =>
      awaitsPerson === true || ((state === 'binding' || state === 'unknown') && dueAt !== null),
  )
  return heldSince !== null && (nextAttemptAt !== null || looks)
}

/** States in which an attempt may still become the one that delivers, so that no other may start beside it. */
export function isLive({ state }: Attempt): boolean {
  return state !== 'succeeded' && state !== 'failed'
}

export function warn(buffer: TransitionBuffer, warnings: readonly Warning[]): void {
  for (const warning of warnings) {
    const known = buffer.next.warnings.some(
      ({ code, detail }) => code === warning.code && detail === warning.detail,
    )
    if (known) continue
    buffer.next.warnings.push(warning)
    log(buffer, 'generation.warning', { code: warning.code, detail: warning.detail })
  }
}

/**
 * What the upstream charges for an attempt that ended with this: nothing for a job it never took, the price of a finished
 * one, and of a failed one unless it charges at success: a word that is not known may be paid for.
 */
export function settleCost(attempt: Attempt, outcome: 'not_taken' | 'failed' | 'finished'): void {
  if (attempt.costState === 'settled') return
  const charged = outcome === 'finished' || (outcome === 'failed' && attempt.chargedOn !== 'success')
  attempt.costMicros = charged ? attempt.reservedMicros : 0
  attempt.costState = 'settled'
}

export function endAttempt(
  buffer: TransitionBuffer,
  attempt: Attempt,
  end: { state: 'succeeded' } | { state: 'failed'; failure: Failure },
): void {
  attempt.state = end.state
  attempt.endedAt = buffer.at
  attempt.dueAt = null
  attempt.holdUntil = null
  attempt.lastError = null
  if (end.state === 'failed') attempt.failure = end.failure
  log(buffer, end.state === 'succeeded' ? 'attempt.succeeded' : 'attempt.failed', {
    attempt: attempt.id,
    upstream: attempt.upstream,
    cost_micros: attempt.costMicros,
    ...(end.state === 'failed' ? { code: end.failure.code, message: end.failure.message } : {}),
  })
}

/** Ends the generation without a video. Attempts that may still cost money stay watched. */
export function failGeneration(buffer: TransitionBuffer, error: GenerationError): void {
  const { next } = buffer
  next.status = error.code === 'cancelled' || error.code === 'key_revoked' ? 'cancelled' : 'failed'
  next.error = error
  next.completedAt = buffer.at
  next.nextAttemptAt = null
  log(buffer, next.status === 'cancelled' ? 'generation.cancelled' : 'generation.failed', {
    code: error.code,
    message: error.message,
  })
  letGo(buffer, error.code === 'cancelled' ? 'cancelled' : 'deadline')
}

/** No attempt can deliver any more. Those whose jobs may still run are abandoned: cancelled if possible, then settled. */
export function letGo(buffer: TransitionBuffer, code: 'cancelled' | 'deadline'): void {
  const failure = endOf(code)
  endUnsent(buffer, code)
  for (const attempt of buffer.next.attempts) {
    if (attempt.state === 'running') {
      abandon(buffer, attempt, failure)
      attempt.dueAt = buffer.at
    } else if (attempt.state === 'abandoned' && code === 'cancelled') {
      attempt.dueAt = buffer.at
    } else if (attempt.state === 'archiving' && code === 'cancelled') {
      endAttempt(buffer, attempt, { state: 'succeeded' })
    }
  }
}

/** Ends attempts that were not sent. */
export function endUnsent(buffer: TransitionBuffer, code: 'cancelled' | 'deadline'): void {
  for (const attempt of buffer.next.attempts) {
    if (attempt.state !== 'binding') continue
    settleCost(attempt, 'not_taken')
    endAttempt(buffer, attempt, { state: 'failed', failure: endOf(code) })
  }
}

function endOf(code: 'cancelled' | 'deadline'): Failure {
  const message = code === 'cancelled' ? 'No longer needed.' : 'The generation ended before this job did.'
  return { code, message, fallback: false, retryAfterMs: null }
}

export function abandon(buffer: TransitionBuffer, attempt: Attempt, failure: Failure): void {
  attempt.state = 'abandoned'
  attempt.failure = failure
  log(buffer, 'attempt.abandoned', {
    attempt: attempt.id,
    upstream: attempt.upstream,
    code: failure.code,
    message: failure.message,
  })
}

const finalErrors = new Map<FailureCode, GenerationErrorCode>([
  ['refused', 'content_refused'],
  ['invalid', 'invalid_request'],
  ['character_invalid', 'character_unavailable'],
  ['outcome_unknown', 'outcome_unknown'],
  ['archive_failed', 'archive_failed'],
])

/** The caller's view of an attempt's failure when it is the end of the generation. */
export function errorOf({ code, message }: Failure): GenerationError {
  return { code: finalErrors.get(code) ?? 'upstream_failed', message }
}

/** After a definite failure: the end where it must not be tried elsewhere, else the next candidate, unless another attempt may deliver. */
export function moveOn(buffer: TransitionBuffer, failure: Failure): void {
  const { next } = buffer
  if (isTerminal(next)) return
  if (failure.code === 'refused') return failGeneration(buffer, errorOf(failure))
  if (failure.fallback && isFree(next)) next.nextAttemptAt = buffer.at
  else endUnlessOpen(buffer, errorOf(failure))
}

/** Whether one more attempt may leave: nothing else is live, or only what the caller said may be passed over. */
export function isFree({ attempts, request }: Generation, own?: Attempt): boolean {
  return attempts
    .filter((attempt) => attempt.id !== own?.id && isLive(attempt))
    .every(({ state }) => request.routing.onUnknown === 'fallback' && isUncertain(state))
}

function isUncertain(state: AttemptState): boolean {
  return state === 'unknown' || state === 'abandoned'
}

/**
 * Ends the generation unless an attempt may still deliver. An attempt that is still unknown after its hold is not waited
 * for; the caller is then told about it instead of `error`.
 */
export function endUnlessOpen(buffer: TransitionBuffer, error: GenerationError): void {
  const live = buffer.next.attempts.filter(isLive)
  if (!live.every((attempt) => isHeldEnough(attempt, buffer.at))) return
  const [unknown] = live
  failGeneration(buffer, unknown === undefined ? error : outcomeUnknown(buffer, unknown))
}

export function outcomeUnknown({ next }: TransitionBuffer, { upstream }: Attempt): GenerationError {
  const alone = next.request.routing.onUnknown !== 'fallback'
  return {
    code: 'outcome_unknown',
    message: `It could not be found out whether ${upstream} took the job${alone ? ', so it was not sent anywhere else' : ''}.`,
  }
}

export function isHeldEnough({ state, holdUntil }: Attempt, at: number): boolean {
  return state === 'unknown' && holdUntil !== null && holdUntil <= at
}

/** This attempt is running or done, so no other starts beside it, and unsent ones are not sent. */
export function keepTo(buffer: TransitionBuffer, attempt: Attempt): void {
  buffer.next.nextAttemptAt = null
  const failure: Failure = {
    code: 'never_sent',
    message: `Not sent, because ${attempt.upstream} was found to have taken the job.`,
    fallback: true,
    retryAfterMs: null,
  }
  for (const other of buffer.next.attempts) {
    if (other.id === attempt.id || other.state !== 'binding') continue
    settleCost(other, 'not_taken')
    endAttempt(buffer, other, { state: 'failed', failure })
  }
}

/** The caller allows another upstream to start although this one may still deliver. Happens once. */
export function moveOnAtRisk(buffer: TransitionBuffer, attempt: Attempt): void {
  const { next } = buffer
  const { onUnknown, fallback } = next.request.routing
  if (isTerminal(next) || onUnknown !== 'fallback' || !fallback || !isFree(next)) return
  warn(buffer, [
    {
      code: 'two_bills_possible',
      detail: `What became of the job at ${attempt.upstream} is unknown; another upstream was asked as well.`,
    },
  ])
  next.nextAttemptAt = buffer.at
}
