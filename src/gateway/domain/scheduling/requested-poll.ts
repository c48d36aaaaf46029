import type { EventOf } from '../generation/event.ts'
import type { TransitionBuffer } from '../attempts/transition-buffer.ts'
import type { Attempt } from '../generation/generation.ts'
import { isWatched } from '../attempts/watched.ts'

/**
 * Brings forward the next look at a job, and decides nothing. A job that was not found last is looked for on schedule:
 * three answers of one moment are not the three in a row that make it lost.
 */
export function pollRequested(
  buffer: TransitionBuffer,
  attempt: Attempt,
  { jobId }: EventOf<'poll_requested'>,
): void {
  if (isWatched(attempt) || attempt.notFound === 0) attempt.dueAt = buffer.at
  if (attempt.state === 'unknown' && jobId !== undefined) attempt.candidateId = jobId
}

/** When to look again; at once when a poll was requested after the last one had left, whose answer may be older. */
export function dueAfter(
  { at }: TransitionBuffer,
  { dueAt }: Attempt,
  { askedAt, nextAt }: { askedAt: number; nextAt: number | null },
): number | null {
  return dueAt !== null && dueAt > askedAt ? at : nextAt
}
