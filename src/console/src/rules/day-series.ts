interface StepRow {
  at: string
  creates: number
  succeeded: number
  failed: number
  failures: Readonly<Record<string, number>>
  render_seconds: { p50: number | null; p95: number | null }
  accepted?: number
}

/** One point per hour, the oldest first. */
export interface DaySeries {
  at: string[]
  /** Requests that were accepted; of one upstream, creates that were sent. */
  begun: number[]
  succeeded: number[]
  failed: number[]
  p95Seconds: Array<number | null>
  /** Share of attempts that ended with a video; null where none ended. */
  successShare: Array<number | null>
}

export function daySeries(rows: readonly StepRow[]): DaySeries {
  return {
    at: rows.map(({ at }) => at),
    begun: rows.map(({ accepted, creates }) => accepted ?? creates),
    succeeded: rows.map(({ succeeded }) => succeeded),
    failed: rows.map(({ failed }) => failed),
    p95Seconds: rows.map(({ render_seconds: { p95 } }) => p95),
    successShare: rows.map(({ succeeded, failed }) =>
      succeeded + failed === 0 ? null : succeeded / (succeeded + failed),
    ),
  }
}

export interface Counted {
  code: string
  n: number
}

/** Failures of all steps by their codes, the most frequent first. */
export function failuresByCode(rows: ReadonlyArray<Pick<StepRow, 'failures'>>): Counted[] {
  return counted(rows.flatMap(({ failures }) => Object.entries(failures).map(([code, n]) => ({ code, n }))))
}

/** Why an upstream was left out of routes, the most frequent reason first. */
export function exclusionsOf(
  generations: ReadonlyArray<{
    route: { excluded: ReadonlyArray<{ upstream: string; code: string }> } | null
  }>,
  upstream: string,
): Counted[] {
  const all = generations.flatMap(({ route }) => route?.excluded ?? [])
  return counted(all.filter((each) => each.upstream === upstream).map(({ code }) => ({ code, n: 1 })))
}

function counted(all: readonly Counted[]): Counted[] {
  const sums = new Map<string, number>()
  for (const { code, n } of all) sums.set(code, (sums.get(code) ?? 0) + n)
  return [...sums]
    .map(([code, n]) => ({ code, n }))
    .toSorted((one, other) => other.n - one.n || one.code.localeCompare(other.code))
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** The largest of what was measured; null if nothing was. */
export function largestOf(values: ReadonlyArray<number | null>): number | null {
  const measured = values.filter((value) => value !== null)
  return measured.length === 0 ? null : Math.max(...measured)
}
