import type { EventOf } from '../../generation/event.ts'
import type { Attempt } from '../../generation/generation.ts'
import { isTerminal } from '../../generation/liveness.ts'
import { isPassedOver, resubmissionRefusal } from '../passed-over.ts'
import { log, warn } from '../transition-buffer.ts'
import type { TransitionBuffer } from '../transition-buffer.ts'

/**
 * The next candidate may start beside an attempt that may still be charged, once for each. A generation that ended because of
 * it is in progress again, with as much time as it had at first.
 */
export function resubmitted(
  buffer: TransitionBuffer,
  attempt: Attempt,
  { resubmission }: EventOf<'resubmitted'>,
): void {
  const { next, at } = buffer
  if (isPassedOver(attempt) || resubmissionRefusal(next, attempt) !== null) return
  attempt.resubmission = resubmission
  if (isTerminal(next)) {
    next.status = 'in_progress'
    next.error = null
    next.completedAt = null
  }
  next.deadlineAt = at + next.request.routing.deadlineMs
  next.nextAttemptAt = at
  const { id, upstream, reservedMicros } = attempt
  log(buffer, 'generation.resubmitted', {
    attempt: id,
    upstream,
    by: resubmission.by,
    reserved_micros: reservedMicros,
  })
  const usd = (reservedMicros / 1e6).toFixed(4)
  const detail = `${upstream} may still charge up to ${usd} USD for a job with an unknown outcome; ${resubmission.by} accepted two bills, and another upstream is asked as well.`
  warn(buffer, [{ code: 'two_bills_possible', detail }])
}
