import type { Attempt } from '../generation/generation.ts'

/** What a list says of a job; what it leaves out fits anything but a prompt. */
export interface ListedFacts {
  prompt: string | null
  seconds?: number
  size?: string
  createdAt: number | null
}

/**
 * Of the jobs that no attempt owns, the one that a create with a lost answer may have made, where entries hold no prompt:
 * the only one with its length and size that was made between the leaving of the create and the loss of its answer. Null
 * where there is none, or more than one. `slackMs`: how far the clocks may be apart.
 */
export function soleCandidate<T extends ListedFacts>(
  jobs: readonly T[],
  { durationSeconds, size, submittedAt, startedAt, lastChangeAt }: Attempt,
  slackMs: number,
): T | null {
  const from = Math.floor(((submittedAt ?? startedAt) - slackMs) / 1000) * 1000
  const fitting = jobs.filter(
    (job) =>
      job.prompt === null &&
      job.createdAt !== null &&
      job.createdAt >= from &&
      job.createdAt <= lastChangeAt + slackMs &&
      (job.seconds === undefined || job.seconds === durationSeconds) &&
      (job.size === undefined || job.size === size),
  )
  return fitting.length === 1 ? (fitting[0] ?? null) : null
}
