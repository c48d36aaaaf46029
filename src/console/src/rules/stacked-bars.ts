/** One value of one series in one column. */
export interface Cell {
  column: string
  series: string
  value: number
}

/** A part of a bar, from `from` to `to` in the unit of the values. */
export interface Segment {
  /** Null: all series that are too small to be shown by themselves. */
  series: string | null
  value: number
  from: number
  to: number
}

export interface Column {
  column: string
  total: number
  /** From the bottom up, without those that are 0. */
  segments: Segment[]
}

export interface Stacked {
  /** In the order in which they are stacked, the largest first. */
  series: Array<{ name: string | null; total: number }>
  columns: Column[]
  /** The lines of the axis from 0 to at least the highest bar. */
  ticks: number[]
}

/** Amounts are exact to a millionth, whatever order they are added in. */
export function exactSum(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + Math.round(value * 1e6), 0) / 1e6
}

/** Stacks values of 0 or more in the given columns. Series beyond `mostSeries` become one. */
export function stackBars(cells: readonly Cell[], columns: readonly string[], mostSeries = 7): Stacked {
  const sums = [...Map.groupBy(cells, ({ series }) => series)]
    .map(([name, own]) => ({ name, total: exactSum(own.map(({ value }) => value)) }))
    .filter(({ total }) => total > 0)
    .toSorted((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1))
  const shown = sums.length <= mostSeries + 1 ? sums : sums.slice(0, mostSeries)
  const others = sums.slice(shown.length)
  const rest = others.length === 0 ? [] : [{ name: null, total: exactSum(others.map(({ total }) => total)) }]
  const series = [...shown, ...rest]
  const names = new Set(shown.map(({ name }) => name))
  const inColumns = Map.groupBy(cells, ({ column }) => column)
  const stacked = columns.map((column) => columnOf(column, inColumns.get(column) ?? [], series, names))
  return { series, columns: stacked, ticks: axisTicks(Math.max(0, ...stacked.map(({ total }) => total))) }
}

function columnOf(
  column: string,
  cells: readonly Cell[],
  series: Stacked['series'],
  names: ReadonlySet<string>,
): Column {
  const segments: Segment[] = []
  let from = 0
  for (const { name } of series) {
    const own = cells.filter((cell) => (name === null ? !names.has(cell.series) : cell.series === name))
    const value = exactSum(own.map((cell) => cell.value))
    if (value === 0) continue
    const to = exactSum([from, value])
    segments.push({ series: name, value, from, to })
    from = to
  }
  return { column, total: from, segments }
}

/** Round figures (1, 2 or 5 times a power of ten apart) from 0 to the first that is not below `max`; 0 and 1 for 0. */
export function axisTicks(max: number, mostSteps = 4): number[] {
  if (max <= 0) return [0, 1]
  const power = 10 ** Math.floor(Math.log10(max / mostSteps))
  const round = [1, 2, 5, 10].map((each) => each * power).find((each) => each * mostSteps >= max * (1 - 1e-9))
  // Amounts are whole millionths.
  const step = Math.max(1e-6, round ?? 10 * power)
  const steps = Math.max(1, Math.ceil(max / step - 1e-9))
  return Array.from({ length: steps + 1 }, (_, index) => exactSum([index * step]))
}

/** Between two names, in pixels. */
const gap = 12

/** What the longest of some names takes in width, in pixels at 12 px, with a gap. Chinese characters are as wide as high. */
export function roomOf(names: readonly string[]): number {
  const widths = names.map((name) =>
    Array.from(name).reduce((sum, letter) => sum + (/\p{Script=Han}/u.test(letter) ? 12 : 7.5), 0),
  )
  return Math.max(0, ...widths) + gap
}

/** Every how many columns one has its name below it, where a name takes `room` of the `width` of the chart. */
export function labelEvery(columns: number, width: number, room: number): number {
  return Math.max(1, Math.ceil((columns * room) / Math.max(1, width)))
}

/** The columns that have their name below their middle: as many as `width` has room for, and none that it would cut. */
export function labelled(columns: number, width: number, room: number): ReadonlySet<number> {
  const every = labelEvery(columns, width, room)
  const slot = width / Math.max(1, columns)
  const indexes = Array.from({ length: Math.ceil(columns / every) }, (_, place) => place * every)
  return new Set(indexes.filter((index) => index === 0 || (index + 0.5) * slot + (room - gap) / 2 <= width))
}
