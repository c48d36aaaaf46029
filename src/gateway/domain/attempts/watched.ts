import type { Attempt, Generation } from '../generation/generation.ts'

/** Whether an operator said that there is no job, so that a job which turns up later must be reported. */
export function isWatched({ state, resolution }: Attempt): boolean {
  return state === 'failed' && resolution?.verdict === 'not_taken' && resolution.contradiction === null
}

/**
 * Until when (ms since the epoch) the upstream is asked what became of an attempt, at the latest; null once nobody asks. `watchMs`
 * counts from when the generation was made.
 */
export function lookedForUntil(
  { createdAt }: Pick<Generation, 'createdAt'>,
  { dueAt }: Pick<Attempt, 'dueAt'>,
  watchMs: number,
): number | null {
  return dueAt === null ? null : Math.max(dueAt, createdAt + watchMs)
}
