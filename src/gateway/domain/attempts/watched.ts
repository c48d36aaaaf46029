import type { Attempt } from '../generation/generation.ts'

/** Whether an operator said that there is no job, so that a job which turns up later must be reported. */
export function isWatched({ state, resolution }: Attempt): boolean {
  return state === 'failed' && resolution?.verdict === 'not_taken' && resolution.contradiction === null
}
