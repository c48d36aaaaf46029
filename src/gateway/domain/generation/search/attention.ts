import { isTerminal } from '../liveness.ts'
import type { Attempt, Generation } from '../generation.ts'

/** Later than this after its deadline, a generation is overdue: the deadline itself ends it within seconds. */
export const overdueAfterMs = 5 * 60_000

/**
 * From when on (ms since the epoch) a person is needed, if nothing changes until then; null: never.
 * - An attempt is `unknown` or `abandoned`, also after its generation has ended.
 * - An attempt has ended, was paid and delivered no video, and nobody has resolved it.
 * - The generation is overdue.
 */
export function attentionAt(generation: Generation): number | null {
  if (generation.attempts.some((attempt) => isUncertain(attempt) || isPaidInVain(generation, attempt)))
    return generation.createdAt
  const { deadlineAt, heldSince = null } = generation
  return isTerminal(generation) || heldSince !== null ? null : deadlineAt + overdueAfterMs
}

/** Whether a person is needed at `now` (ms since the epoch). */
export function needsAttention(generation: Generation, now: number): boolean {
  const at = attentionAt(generation)
  return at !== null && at <= now
}

function isUncertain({ state }: Attempt): boolean {
  return state === 'unknown' || state === 'abandoned'
}

/** Whether an attempt has ended, was paid and delivered no video, and nobody has resolved it. */
export function isPaidInVain(
  { attempts, video }: Pick<Generation, 'attempts' | 'video'>,
  attempt: Attempt,
): boolean {
  const { state, costState, costMicros, delivered, resolution } = attempt
  if (costState !== 'settled' || costMicros === 0 || delivered) return false
  if (resolution !== null && resolution.contradiction === null) return false
  if (state === 'failed') return true
  // What delivered was not stored on attempts of earlier releases: the only success of a video is the one.
  return state === 'succeeded' && (video === null || attempts.some((other) => other.delivered))
}
