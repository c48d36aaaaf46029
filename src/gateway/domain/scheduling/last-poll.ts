import { expires } from '../generation/liveness.ts'
import type { Attempt, Generation } from '../generation/generation.ts'

/**
 * Whether a job may have been done meanwhile, so that its upstream is asked once more before the deadline ends the
 * generation. Not where nothing is asked any more.
 */
export function awaitsLastAsk({ attempts, deadlineAt }: Generation): boolean {
  return attempts.some((attempt) => {
    const { dueAt, askedAt } = attempt
    return isAsked(attempt) && dueAt !== null && (askedAt === null || askedAt < deadlineAt)
  })
}

/** Whether something may still leave; after the deadline nothing does. */
function maySend({ attempts, nextAttemptAt }: Generation): boolean {
  return nextAttemptAt !== null || attempts.some(({ state }) => state === 'binding')
}

/** When the deadline calls for something; null where it never does, or where the last answer is awaited first. */
export function verdictAt(generation: Generation): number | null {
  if (!expires(generation)) return null
  return awaitsLastAsk(generation) && !maySend(generation) ? null : generation.deadlineAt
}

/** No wait goes beyond the deadline: what an upstream asked for, days even, is no reason to hear of a video too late. */
export function askByDeadline(next: Generation, at: number): void {
  if (!expires(next) || at >= next.deadlineAt) return
  for (const attempt of next.attempts) {
    const { dueAt } = attempt
    if (isAsked(attempt) && dueAt !== null) attempt.dueAt = Math.min(dueAt, next.deadlineAt)
  }
}

function isAsked({ state }: Attempt): boolean {
  return state === 'unknown' || state === 'running' || state === 'abandoned'
}
