import { isSnapshotOf } from '../routing/model-name.ts'
import type { Candidate } from '../generation/plan.ts'
import { parsePrompt } from '../characters/prompt.ts'
import type { ListedFacts } from '../attempts/unowned-job.ts'

/** `no_list`: only the bill of the upstream shows which jobs were created after the backup. */
export const searchStates = ['pending', 'searched', 'no_list', 'unreachable'] as const
export type SearchState = (typeof searchStates)[number]

/** Clocks of vendors were observed to be off by seconds. */
export const clockSkewMs = 10_000

/**
 * Whether a job that an upstream lists may have been made of a request that was stored at `createdAt`, by whoever had the data
 * before. What the list leaves out fits anything; without a prompt, length and size must be told and the same.
 */
export function mayBeMadeOf(
  job: ListedFacts & { model: string | null },
  { prompt, createdAt }: { prompt: string; createdAt: number },
  { model, durationSeconds, size }: Candidate,
): boolean {
  const isNewer = job.createdAt === null || job.createdAt >= createdAt - clockSkewMs
  const isAsLong = job.seconds === undefined || job.seconds === durationSeconds
  const isAsLarge = job.size === undefined || job.size === size
  const isModel = job.model === null || isSnapshotOf(model, job.model)
  if (!isNewer || !isAsLong || !isAsLarge || !isModel) return false
  return job.prompt === null
    ? job.seconds !== undefined && job.size !== undefined
    : isRendered(prompt, job.prompt)
}

/** What an upstream lists, and behind it the jobs known before that are not in the list: a list may be partial. */
export function jobsFound<Found extends { upstreamId: string }>(
  listed: readonly Found[],
  known: readonly Found[],
): Found[] {
  const ids = new Set(listed.map(({ upstreamId }) => upstreamId))
  return [...listed, ...known.filter(({ upstreamId }) => !ids.has(upstreamId))]
}

/** Mentions are written differently by every upstream, so that only the text around them is compared. */
function isRendered(prompt: string, rendered: string): boolean {
  const parts = parsePrompt(prompt)
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text.trim()] : []))
  if (texts.length === parts.length) return texts.join('') === rendered.trim()
  let from = 0
  for (const text of texts) {
    const found = rendered.indexOf(text, from)
    if (found < 0) return false
    from = found + text.length
  }
  return true
}
