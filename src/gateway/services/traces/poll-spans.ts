import type { JobReport } from '../../domain/attempts/outcome.ts'

/** What this process has seen of the polls of one attempt. */
export interface PollCount {
  /** Polls so far. */
  polls: number
  /** Spans because the report changed. */
  changes: number
  /** Polls since the last span. */
  unshown: number
  last: JobReport['type'] | null
}

export const noPolls: PollCount = { polls: 0, changes: 0, unshown: 0, last: null }

/** An upstream that answers now this, now that, adds no more spans to an attempt than this. */
const mostChanges = 32

/**
 * Which polls of a job have a span: the 1st, 2nd, 4th, 8th and so on, those that report something else than the one before,
 * and every one that ends the job. A render of an hour has some twenty, not a thousand.
 */
export function countPoll(count: PollCount, report: JobReport['type']): { shown: boolean; next: PollCount } {
  const polls = count.polls + 1
  const isPower = Number.isInteger(Math.log2(polls))
  const isEnd = report === 'completed' || report === 'failed' || report === 'refused'
  const isChange = count.last !== null && report !== count.last && count.changes < mostChanges
  const shown = isPower || isEnd || isChange
  return {
    shown,
    next: {
      polls,
      changes: count.changes + (isChange && !isPower && !isEnd ? 1 : 0),
      unshown: shown ? 0 : count.unshown + 1,
      last: report,
    },
  }
}
