import { statisticsSteps, stepMs } from '../../domain/statistics/steps.ts'
import type { UsageDimension, UsageGroup, UsageRow } from '../../ports/generations/usage-reports.ts'

/** The figures of a row without attempts. */
export const noUsage = {
  attempts: 0,
  generations: 0,
  videos: 0,
  costMicros: 0,
  reservedMicros: 0,
  unknownMicros: 0,
  unusedMicros: 0,
  premiumMicros: 0,
  officialMicros: 0,
  vendorAttempts: 0,
  vendorMicros: 0,
  vendorComputedMicros: 0,
}

/**
 * Adds a row of zeros for each hour, or else day, between `from` and `to` (ms since the epoch, end exclusive) in which a
 * group of the report has no attempt. The order stays. Returns null for more than `limit` rows, and the rows themselves if
 * they are not grouped by time.
 */
export function fillUsage(
  rows: readonly UsageRow[],
  span: { from: number; to: number; groupBy: readonly UsageDimension[]; limit: number },
): UsageRow[] | null {
  const { from, to, groupBy, limit } = span
  const step = statisticsSteps.find((each) => groupBy.includes(each))
  if (step === undefined) return [...rows]
  const alike = groupBy.filter((dimension) => dimension !== 'hour' && dimension !== 'day')
  const found = new Map(rows.map((row) => [keyOf(row, groupBy), row]))
  // Without other groups, a report of nothing is filled too.
  const groups =
    alike.length === 0 ? [noGroup] : [...new Map(rows.map((row) => [keyOf(row, alike), row])).values()]
  const first = Math.floor(from / stepMs[step]) * stepMs[step]
  const steps = Math.max(0, Math.ceil((to - first) / stepMs[step]))
  if (groups.length * steps > limit) return null
  for (const group of groups) {
    for (let at = first; at < to; at += stepMs[step]) {
      const row = { ...noGroup, ...pick(group, alike), ...timesOf(at, groupBy), ...noUsage }
      const key = keyOf(row, groupBy)
      if (!found.has(key)) found.set(key, row)
    }
  }
  return [...found.values()].toSorted((a, b) => compare(a, b, groupBy))
}

const noGroup: UsageGroup = {
  tenant: null,
  key: null,
  upstream: null,
  kind: null,
  model: null,
  characters: null,
  day: null,
  hour: null,
}

function timesOf(at: number, groupBy: readonly UsageDimension[]): Pick<UsageGroup, 'day' | 'hour'> {
  return {
    day: groupBy.includes('day') ? Math.floor(at / stepMs.day) * stepMs.day : null,
    hour: groupBy.includes('hour') ? at : null,
  }
}

function pick(group: UsageGroup, alike: readonly UsageDimension[]): Partial<UsageGroup> {
  return Object.fromEntries(alike.map(memberOf).map((name) => [name, group[name]]))
}

function memberOf(dimension: UsageDimension): keyof UsageGroup {
  return dimension === 'character' ? 'characters' : dimension
}

function keyOf(group: UsageGroup, dimensions: readonly UsageDimension[]): string {
  return JSON.stringify(dimensions.map((dimension) => group[memberOf(dimension)]))
}

/** By each dimension in turn, as the rows come from the store. */
function compare(a: UsageGroup, b: UsageGroup, dimensions: readonly UsageDimension[]): number {
  for (const dimension of dimensions) {
    const [left, right] = [sortable(a, dimension), sortable(b, dimension)]
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

function sortable(group: UsageGroup, dimension: UsageDimension): string | number {
  const value = group[memberOf(dimension)]
  return typeof value === 'object' ? JSON.stringify(value) : value
}
