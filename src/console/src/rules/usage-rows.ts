import type { Cell } from './stacked-bars.ts'

/** What rows can be grouped by on the screen, in the words of the API. */
export const dimensions = ['day', 'upstream', 'key', 'tenant', 'kind', 'model', 'character'] as const
export type Dimension = (typeof dimensions)[number]

/** Of the bars, and where nothing is chosen. */
export const usualGroups: readonly Dimension[] = ['day', 'upstream']
export const mostGroups = 3

/** `day,upstream` as dimensions: each once, up to three; the usual ones where there is none. */
export function groupsIn(text: string | undefined): readonly Dimension[] {
  const said = (text ?? '').split(',')
  const found = [...new Set(said)].flatMap((each) => dimensions.filter((dimension) => dimension === each))
  return found.length === 0 ? usualGroups : found.slice(0, mostGroups)
}

/** Puts `dimension` (null: nothing) into a place; one that stood elsewhere leaves there, and gaps close. */
export function withGroup(
  groups: readonly Dimension[],
  place: number,
  dimension: Dimension | null,
): Dimension[] {
  const next: Array<Dimension | null> = groups.map((each, index) =>
    index !== place && each === dimension ? null : each,
  )
  next[place] = dimension
  return next.flatMap((each) => each ?? []).slice(0, mostGroups)
}

interface UsageRow {
  day?: string | undefined
  upstream?: string | undefined
  cost_usd: number
}

/** What was paid, by day and upstream. */
export function paidCells(rows: readonly UsageRow[]): Cell[] {
  return rows.flatMap(({ day, upstream, cost_usd: value }) =>
    day === undefined || upstream === undefined ? [] : [{ column: day, series: upstream, value }],
  )
}

/** The query of a report, the same for the page and for the file. */
export function usageQuery(asked: {
  from: string
  to: string
  groups: readonly Dimension[]
  tenant: string | undefined
}): { from: string; to: string; group_by: string; tenant?: string } {
  const { from, to, groups, tenant } = asked
  return { from, to, group_by: groups.join(','), ...(tenant !== undefined && { tenant }) }
}

/** The address of a file with these parameters. */
export function fileAddress(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const said = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  return `${path}?${new URLSearchParams(said).toString()}`
}
