import type { Attempt, Generation } from '../generation/generation.ts'
import { isTerminal } from '../generation/liveness.ts'

/** The end of a slot that only a change of state ends: the last instant of a date, so that it compares as a number. */
export const openEnd = 8_640_000_000_000_000

/**
 * Until when an attempt takes up a slot of its upstream (ms since the epoch); null: it takes none.
 *
 * An attempt that is still unknown after its generation has ended takes none: it is watched for one day, and most such
 * jobs do not exist. An unwanted job that cannot be cancelled continues and takes its slot for as long as it may run.
 */
export function slotUntil(
  generation: Pick<Generation, 'status'>,
  { state, failure, deadlineAt, awaitsPerson }: Attempt,
): number | null {
  if (awaitsPerson === true) return null
  if (state === 'unknown') return isTerminal(generation) ? null : openEnd
  if (state === 'abandoned') return failure?.code === 'stalled' ? null : deadlineAt
  return state === 'binding' || state === 'submitting' || state === 'running' ? openEnd : null
}

export function takesSlot(generation: Pick<Generation, 'status'>, attempt: Attempt, now: number): boolean {
  return (slotUntil(generation, attempt) ?? 0) > now
}
