import { isTerminal, warn } from './draft.ts'
import type { Draft } from './draft.ts'
import type { EventOf } from './event.ts'
import type { Warning } from './failure.ts'
import type { Attempt, Generation } from './generation.ts'

export const heldWarning: Warning = {
  code: 'held_after_restore',
  detail:
    'The gateway was restored from a copy: nothing is sent for this before an operator releases it. Its deadline does not run meanwhile.',
}

/** Whether something would still leave: an attempt that has not, or the next one. */
export function hasUnsent({ attempts, nextAttemptAt }: Generation): boolean {
  return nextAttemptAt !== null || attempts.some(({ state }) => state === 'binding')
}

/** It may not be sent yet, and looks again at `until`. From `since`, or from when it was made, its deadline does not run. */
export function restoreHeld(draft: Draft, { attemptId, since, until }: EventOf<'restore_held'>): void {
  const { next } = draft
  if (isTerminal(next)) return
  next.heldSince ??= Math.max(since, next.createdAt)
  warn(draft, [heldWarning])
  if (next.nextAttemptAt !== null) next.nextAttemptAt = Math.max(next.nextAttemptAt, until)
  for (const attempt of next.attempts.filter((each) => isHeld(each) || each.id === attemptId))
    if (attempt.dueAt !== null) attempt.dueAt = Math.max(attempt.dueAt, until)
}

/** Goes on, with as much time left as it had. */
export function restoreReleased({ next, at }: Draft): void {
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
