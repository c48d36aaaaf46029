import type { Attempt } from '../generation/generation.ts'

/** Whether a person said that there is no job, so that one which turns up later must be told of. */
export function isWatched({ state, resolution }: Attempt): boolean {
  return state === 'failed' && resolution?.verdict === 'not_taken' && resolution.contradiction === null
}
