import { isTerminal } from '../generation/liveness.ts'
import { log, warn } from '../attempts/transition-buffer.ts'
import type { TransitionBuffer } from '../attempts/transition-buffer.ts'
import type { EventOf } from '../generation/event.ts'
import type { Warning } from '../generation/failure.ts'
import type { Attempt, Generation } from '../generation/generation.ts'

export const heldWarning: Warning = {
  code: 'held_after_restore',
  detail:
    'The gateway was restored from a backup. Nothing is sent until an operator releases it, and the deadline is paused.',
}

/** Whether something would still leave: an attempt that has not, or the next one. */
export function hasUnsent({ attempts, nextAttemptAt }: Generation): boolean {
  return nextAttemptAt !== null || attempts.some(({ state }) => state === 'binding')
}

/** It may not be sent yet and checks again at `until`. Its deadline is paused from `since`, or from its creation. */
export function restoreHeld(
  buffer: TransitionBuffer,
  { attemptId, since, until }: EventOf<'restore_held'>,
): void {
  const { next } = buffer
  if (isTerminal(next)) return
  next.heldSince ??= Math.max(since, next.createdAt)
  warn(buffer, [heldWarning])
  if (next.nextAttemptAt !== null) next.nextAttemptAt = Math.max(next.nextAttemptAt, until)
  for (const attempt of next.attempts.filter((each) => isHeld(each) || each.id === attemptId))
    if (attempt.dueAt !== null) attempt.dueAt = Math.max(attempt.dueAt, until)
}

/** The original gateway may have sent it. Nothing is sent before an operator resolves it. */
export function restoreSuspected(
  buffer: TransitionBuffer,
  attempt: Attempt,
  { to, prompt, jobId }: EventOf<'restore_suspected'>,
): void {
  const { next, at } = buffer
  const message = `${attempt.upstream} lists the job ${jobId}, created after the backup, which may belong to this attempt. Resolve it with POST /attempts/${attempt.id}/resolve.`
  next.heldSince ??= at
  attempt.state = 'unknown'
  attempt.prompt = prompt
  attempt.sentTo = { origin: to.origin, credential: to.credential, confirmed: true }
  attempt.candidateId = jobId
  attempt.awaitsPerson = true
  attempt.submittedAt = at
  attempt.lastChangeAt = at
  attempt.dueAt = null
  attempt.failure = { code: 'outcome_unknown', message, fallback: false, retryAfterMs: null }
  log(buffer, 'attempt.unknown', { attempt: attempt.id, upstream: attempt.upstream, message })
  warn(buffer, [heldWarning])
}

/** Goes on, with as much time left as it had. */
export function restoreReleased({ next, at }: TransitionBuffer): void {
  const { heldSince = null } = next
  if (heldSince === null) return
  const heldMs = Math.max(0, at - heldSince)
  next.heldSince = null
  if (isTerminal(next)) return
  next.deadlineAt += heldMs
  if (next.nextAttemptAt !== null) next.nextAttemptAt = Math.min(next.nextAttemptAt, at)
  for (const attempt of next.attempts) {
    if (!isHeld(attempt) && attempt.state !== 'unknown') continue
    attempt.deadlineAt += heldMs
    if (attempt.holdUntil !== null) attempt.holdUntil += heldMs
    if (attempt.dueAt !== null) attempt.dueAt = Math.min(attempt.dueAt, at)
  }
}

function isHeld({ state }: Attempt): boolean {
  return state === 'binding'
}
