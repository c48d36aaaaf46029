import type { Failure, FailureCode, GenerationError, GenerationErrorCode } from '../../generation/failure.ts'
import type { Attempt } from '../../generation/generation.ts'
import { isHeldEnough, isLive } from '../../generation/liveness.ts'
import { countableMicros } from '../vendor-cost.ts'
import type { TransitionBuffer } from '../transition-buffer.ts'
import { log } from '../transition-buffer.ts'

/**
 * Settles the cost of an attempt: the cost that the vendor reports, if configured; else nothing for a job that was not taken,
 * the price of a finished one, and the price of a failed one unless the upstream charges at success only. An unknown value
 * counts as charged.
 */
export function settleCost(attempt: Attempt, outcome: 'not_taken' | 'failed' | 'finished'): void {
  if (attempt.costState === 'settled') return
  const charged = outcome === 'finished' || (outcome === 'failed' && attempt.chargedOn !== 'success')
  const listMicros = charged ? attempt.reservedMicros : 0
  const vendorMicros = outcome === 'not_taken' ? null : settlingMicros(attempt)
  attempt.costMicros = vendorMicros ?? listMicros
  attempt.costState = 'settled'
  if (vendorMicros === null) return
  attempt.costSource = 'vendor'
  attempt.listMicros = listMicros
}

/** The cost that the vendor reports, if it is to be counted. */
function settlingMicros({ costRules, vendorCostMicros }: Attempt): number | null {
  return costRules?.settleBy === 'vendor' ? countableMicros(vendorCostMicros) : null
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

/** Why attempts are let go before their jobs have ended. */
type LetGoCode = Extract<FailureCode, 'cancelled' | 'deadline'>

/** No attempt can deliver any more. Those whose jobs may still run are abandoned: cancelled if possible, then settled. */
export function letGo(buffer: TransitionBuffer, code: LetGoCode): void {
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
export function endUnsent(buffer: TransitionBuffer, code: LetGoCode): void {
  for (const attempt of buffer.next.attempts) {
    if (attempt.state !== 'binding') continue
    settleCost(attempt, 'not_taken')
    endAttempt(buffer, attempt, { state: 'failed', failure: endOf(code) })
  }
}

function endOf(code: LetGoCode): Failure {
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

export function outcomeUnknown(
  { next }: TransitionBuffer,
  { upstream, resubmission = null }: Attempt,
): GenerationError {
  const alone = next.request.routing.onUnknown !== 'fallback' && resubmission === null
  return {
    code: 'outcome_unknown',
    message: `It is unknown whether ${upstream} accepted the job${alone ? ', so it was not sent to another upstream' : ''}.`,
  }
}
