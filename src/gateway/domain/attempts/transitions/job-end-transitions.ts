import type { Failure } from '../../generation/failure.ts'
import type { Attempt } from '../../generation/generation.ts'
import type { JobEnd, JobReport } from '../outcome.ts'
import type { TransitionBuffer } from '../transition-buffer.ts'
import { log } from '../transition-buffer.ts'
import { warnOfModel } from './create-transitions.ts'
import { compareCharge, noteCharge } from './charge-transitions.ts'
import { endAttempt, settleCost } from './ends.ts'
import { keepTo, moveOn } from './move-on.ts'

export function jobEnded(buffer: TransitionBuffer, attempt: Attempt, end: JobEnd): void {
  attempt.detail = null
  attempt.queuePosition = null
  if (end.charge !== undefined) {
    // Before the end, because event streams close with it.
    noteCharge(attempt, end.charge)
    settleCost(attempt, end.type === 'completed' ? 'finished' : 'failed')
    compareCharge(buffer, attempt, end.charge)
  }
  endJob(buffer, attempt, end)
}

function endJob(buffer: TransitionBuffer, attempt: Attempt, end: JobEnd): void {
  switch (end.type) {
    case 'completed':
      return completed(buffer, attempt, end)
    case 'failed': {
      const code = end.unexplained === true ? 'unexplained' : 'job_failed'
      return failed(buffer, attempt, { code, message: end.message, fallback: end.retryable })
    }
    case 'refused':
      return failed(buffer, attempt, { code: 'refused', message: end.message, fallback: false })
  }
}

/** The upstream has rendered the video and charges for it, whatever happens to it here. */
export function completed(
  buffer: TransitionBuffer,
  attempt: Attempt,
  report: Extract<JobReport, { type: 'completed' }>,
): void {
  const { next } = buffer
  attempt.result = report.result
  attempt.renderedAt = buffer.at
  attempt.progress = 100
  attempt.statusWord = 'completed'
  settleCost(attempt, 'finished')
  warnOfModel(buffer, attempt, report.model)
  if (next.video !== null || next.status === 'cancelled') {
    log(buffer, 'attempt.settled', {
      attempt: attempt.id,
      upstream: attempt.upstream,
      cost_micros: attempt.costMicros,
    })
    return endAttempt(buffer, attempt, { state: 'succeeded' })
  }
  attempt.state = 'archiving'
  attempt.failure = null
  attempt.dueAt = buffer.at
  keepTo(buffer, attempt)
  log(buffer, 'attempt.archiving', { attempt: attempt.id, upstream: attempt.upstream })
}

function failed(buffer: TransitionBuffer, attempt: Attempt, reason: Omit<Failure, 'retryAfterMs'>): void {
  const failure: Failure = { ...reason, retryAfterMs: null }
  settleCost(attempt, 'failed')
  endAttempt(buffer, attempt, { state: 'failed', failure })
  moveOn(buffer, failure)
}

/** A job that is gone after a cancel request may have finished and been charged first, so its cost stays reserved. */
export function lost(buffer: TransitionBuffer, attempt: Attempt, message: string): void {
  if (!attempt.cancelAsked || attempt.chargedOn !== 'success')
    return failed(buffer, attempt, { code: 'lost', message, fallback: true })
  const failure: Failure = { code: 'cancelled', message, fallback: false, retryAfterMs: null }
  endAttempt(buffer, attempt, { state: 'failed', failure })
}
