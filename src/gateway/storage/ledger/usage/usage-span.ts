import type { UsageQuery } from '../../../ports/generations/usage-reports.ts'

export const hourMs = 3600_000
export const dayMs = 24 * hourMs

/** Ms since the epoch, end exclusive. */
interface Part {
  from: number
  to: number
}

/** The parts of a report: `days` (numbered from 1970, end exclusive) come from the totals, the rest from attempts. */
export interface UsageSpan {
  days: Part | null
  edges: Part[]
}

/**
 * Totals cover whole UTC days, so hours come from attempts only. The parts before the first and after the last day are
 * less than two days together.
 */
export function spanOf({ from, to, groupBy }: UsageQuery, hasTotals: boolean): UsageSpan {
  const days = { from: Math.ceil(from / dayMs), to: Math.floor(to / dayMs) }
  if (!hasTotals || groupBy.includes('hour') || days.from >= days.to)
    return { days: null, edges: [{ from, to }] }
  const edges = [
    { from, to: days.from * dayMs },
    { from: days.to * dayMs, to },
  ]
  return { days, edges: edges.filter((edge) => edge.from < edge.to) }
}
