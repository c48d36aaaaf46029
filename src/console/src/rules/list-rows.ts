interface Identified {
  id: string
}

/** Sortable by creation time, the newest first. */
function byAge(one: Identified, other: Identified): number {
  if (one.id === other.id) return 0
  return one.id < other.id ? 1 : -1
}

/**
 * A list of which the newest page was read again. Within the span of the page, it decides which rows there are; older rows stay.
 * If the page shares no row with the list, more came than it holds: the list starts anew with it.
 */
export function withNewestPage<R extends Identified>(
  rows: readonly R[],
  page: { data: readonly R[]; has_more: boolean },
): R[] {
  const last = page.data.at(-1)
  if (last === undefined || !page.has_more) return [...page.data]
  if (rows.length > 0 && !rows.some(({ id }) => id >= last.id)) return [...page.data]
  return [...page.data, ...rows.filter(({ id }) => id < last.id)]
}

/** A list with one more page of older rows. A row that both have is kept once. */
export function withOlderPage<R extends Identified>(rows: readonly R[], page: readonly R[]): R[] {
  const known = new Set(rows.map(({ id }) => id))
  return [...rows, ...page.filter(({ id }) => !known.has(id))].toSorted(byAge)
}

export interface KeptRows<R> {
  /** The rows in the places where they were shown, each as it is now. */
  rows: R[]
  /** How many have come since. */
  fresh: number
}

/** While somebody points into the list, no row moves: new ones wait, and what has gone stays as it was last. */
export function keepPlaces<R extends Identified>(shown: readonly R[], rows: readonly R[]): KeptRows<R> {
  const now = new Map(rows.map((row) => [row.id, row]))
  const known = new Set(shown.map(({ id }) => id))
  const first = shown[0]?.id ?? ''
  const older =
    shown.length === 0 ? rows : rows.filter(({ id }) => !known.has(id) && id < (shown.at(-1)?.id ?? ''))
  return {
    rows: [...shown.map((row) => now.get(row.id) ?? row), ...older],
    fresh: rows.filter(({ id }) => !known.has(id) && id > first && shown.length > 0).length,
  }
}
