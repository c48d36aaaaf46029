import type { Failure, FailureCode } from '../../generation/failure.ts'
import type { Attempt, Generation } from '../../generation/generation.ts'
import { isFree, isTerminal } from '../../generation/liveness.ts'
import type { TransitionBuffer } from '../transition-buffer.ts'
import { warn } from '../transition-buffer.ts'
import { endAttempt, endUnlessOpen, errorOf, failGeneration, settleCost } from './ends.ts'

/** Failures that are about the request or its job, not about whether there was a job. */
const verdicts: ReadonlySet<FailureCode> = new Set([
  'invalid',
  'character_invalid',
  'job_failed',
  'unexplained',
  'archive_failed',
])

/** After a definite failure: the end where it must not be tried elsewhere, else the next candidate, unless another attempt may deliver. */
export function moveOn(buffer: TransitionBuffer, failure: Failure): void {
  const { next } = buffer
  if (isTerminal(next)) return
  if (failure.code === 'refused') return failGeneration(buffer, errorOf(failure))
  const verdict = failure.fallback ? finalVerdict(next) : failure
  if (verdict !== null) endUnlessOpen(buffer, errorOf(verdict))
  else if (isFree(next)) next.nextAttemptAt = buffer.at
  else endUnlessOpen(buffer, errorOf(failure))
}

/** What another attempt was told that must not be tried elsewhere: it holds also after attempts that ended later. */
function finalVerdict({ attempts }: Generation): Failure | null {
  const ended = attempts.flatMap(({ state, failure }) =>
    state === 'failed' && failure !== null ? [failure] : [],
  )
  return ended.find(({ code, fallback }) => !fallback && verdicts.has(code)) ?? null
}

/** The caller allows another upstream to start although this one may still deliver. Happens once. */
export function moveOnAtRisk(buffer: TransitionBuffer, attempt: Attempt): void {
  const { next } = buffer
  const { onUnknown, fallback } = next.request.routing
  if (isTerminal(next) || onUnknown !== 'fallback' || !fallback || !isFree(next)) return
  warn(buffer, [
    {
      code: 'two_bills_possible',
      detail: `The outcome of the job at ${attempt.upstream} is unknown; another upstream was tried as well.`,
    },
  ])
  next.nextAttemptAt = buffer.at
}

/** This attempt is running or done, so no other starts beside it, and unsent ones are not sent. */
export function keepTo(buffer: TransitionBuffer, attempt: Attempt): void {
  buffer.next.nextAttemptAt = null
  const failure: Failure = {
    code: 'never_sent',
    message: `Not sent, because ${attempt.upstream} accepted the job after all.`,
    fallback: true,
    retryAfterMs: null,
  }
  for (const other of buffer.next.attempts) {
    if (other.id === attempt.id || other.state !== 'binding') continue
    settleCost(other, 'not_taken')
    endAttempt(buffer, other, { state: 'failed', failure })
  }
}
