import type { UsageQuery } from '../../ports/generations/usage-reports.ts'

export const dayMs = 24 * 3600_000

/** Instants in ms since the epoch, the end not included. */
interface Part {
  from: number
  to: number
}

/** Where the time of a report is read: `days` (counted from 1970, the end not included) from the totals, the rest from attempts. */
export interface UsageSpan {
  days: Part | null
  edges: Part[]
}

/** The totals are of whole days (UTC); what is before the first and after the last is less than two days. */
export function spanOf({ from, to }: UsageQuery, hasTotals: boolean): UsageSpan {
  const days = { from: Math.ceil(from / dayMs), to: Math.floor(to / dayMs) }
  if (!hasTotals || days.from >= days.to) return { days: null, edges: [{ from, to }] }
  const edges = [
    { from, to: days.from * dayMs },
    { from: days.to * dayMs, to },
  ]
  return { days, edges: edges.filter((edge) => edge.from < edge.to) }
}
