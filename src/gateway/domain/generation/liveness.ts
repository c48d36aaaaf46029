import type { Attempt, AttemptState, Generation } from './generation.ts'

export function isTerminal({ status }: Pick<Generation, 'status'>): boolean {
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

/** Whether one more attempt may leave: nothing else is live, or only what the caller or a person said may be passed over. */
export function isFree({ attempts, request }: Generation, own?: Attempt): boolean {
  return attempts
    .filter((attempt) => attempt.id !== own?.id && isLive(attempt))
    .every(
      ({ state, resubmission = null }) =>
        (request.routing.onUnknown === 'fallback' || resubmission !== null) && isUncertain(state),
    )
}

function isUncertain(state: AttemptState): boolean {
  return state === 'unknown' || state === 'abandoned'
}

export function isHeldEnough({ state, holdUntil }: Attempt, at: number): boolean {
  return state === 'unknown' && holdUntil !== null && holdUntil <= at
}
