import type { TransitionBuffer } from '../attempts/transition-buffer.ts'
import { isWatched } from '../attempts/watched.ts'
import type { Attempt } from '../generation/generation.ts'

/** A reading of both clocks at one moment, in milliseconds. The monotonic one begins anywhere and is set by nobody. */
export interface Reading {
  wall: number
  monotonic: number
}

/** Less than this is how clocks drift and are slewed. */
const smallestStepMs = 2000

/** By how much the wall clock was set back between two readings; 0 when it was not. */
export function setBackMs(before: Reading, after: Reading): number {
  const passed = after.monotonic - before.monotonic
  const back = passed - (after.wall - before.wall)
  return back >= smallestStepMs ? Math.round(back) : 0
}

/** An instant that lies ahead comes as soon as it would have come; one that has come stays. */
export function broughtBack(instant: number, byMs: number, now: number): number {
  return instant <= now ? instant : Math.max(now, instant - byMs)
}

/** The generation's deadline stays: it is an instant that its caller was told. */
export function clockSetBack({ next, at }: TransitionBuffer, byMs: number): void {
  if (next.nextAttemptAt !== null) next.nextAttemptAt = broughtBack(next.nextAttemptAt, byMs, at)
  for (const attempt of next.attempts) {
    if (attempt.dueAt !== null) attempt.dueAt = broughtBack(attempt.dueAt, byMs, at)
    // The pause before the next try at the same upstream is counted from here.
    if (attempt.endedAt !== null && attempt.endedAt > at) attempt.endedAt -= byMs
    if (attempt.endedAt === null || isWatched(attempt)) openAttemptSetBack(attempt, byMs)
  }
}

/**
 * What is counted from, or until, and was read from the clock as it was. A job's maker looks for it in lists of its upstream
 * from the instant of the create on: by that upstream's clock it was made earlier, and one that is overlooked is paid twice.
 */
function openAttemptSetBack(attempt: Attempt, byMs: number): void {
  attempt.lastChangeAt -= byMs
  attempt.deadlineAt -= byMs
  if (attempt.submittedAt !== null) attempt.submittedAt -= byMs
  if (attempt.acceptedAt !== null) attempt.acceptedAt -= byMs
  if (attempt.renderedAt != null) attempt.renderedAt -= byMs
  if (attempt.askedAt !== null) attempt.askedAt -= byMs
  if (attempt.holdUntil !== null) attempt.holdUntil -= byMs
}
