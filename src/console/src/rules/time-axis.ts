/** A span in which nothing happened, drawn shorter than it was; `at` is its middle. */
export interface Cut {
  /** From 0 to 1. */
  at: number
  skippedMs: number
}

export interface TimeAxis {
  startMs: number
  /** How long it was. */
  totalMs: number
  /** Where a time stands: from 0 (the start) to 1 (the end). */
  place(at: number): number
  cuts: readonly Cut[]
}

/** Idle time is collapsed by default in what lasted longer. */
export const longMs = 600_000

/** So much of an idle span is still drawn. */
const idleKeptMs = 60_000

/**
 * The common axis of all attempts. `moments` are the times at which something happened, in milliseconds and any order; with
 * `collapse`, no more than a minute is drawn between two of them.
 */
export function timeAxis(moments: readonly number[], collapse: boolean): TimeAxis {
  const sorted = [...new Set(moments)].toSorted((one, other) => one - other)
  const startMs = sorted[0] ?? 0
  const totalMs = (sorted.at(-1) ?? 0) - startMs
  const drawn = [0]
  const gaps: Array<{ from: number; to: number; skippedMs: number }> = []
  for (const [index, moment] of sorted.entries()) {
    if (index === 0) continue
    const before = drawn.at(-1) ?? 0
    const length = moment - (sorted[index - 1] ?? moment)
    const kept = collapse ? Math.min(length, idleKeptMs) : length
    drawn.push(before + kept)
    if (kept < length) gaps.push({ from: before, to: before + kept, skippedMs: length - kept })
  }
  const width = drawn.at(-1) ?? 0
  const share = (length: number) => (width === 0 ? 0 : length / width)
  return {
    startMs,
    totalMs,
    place: (at) => share(drawnAt(at, sorted, drawn)),
    cuts: gaps.map(({ from, to, skippedMs }) => ({ at: share((from + to) / 2), skippedMs })),
  }
}

/** Between two moments, as far as the time is between them; outside, the nearer end. */
function drawnAt(at: number, moments: readonly number[], drawn: readonly number[]): number {
  const next = moments.findIndex((moment) => moment >= at)
  if (next === -1) return drawn.at(-1) ?? 0
  const to = moments[next] ?? at
  const from = moments[next - 1] ?? to
  const end = drawn[next] ?? 0
  if (next === 0 || to === from) return end
  const begin = drawn[next - 1] ?? 0
  return begin + ((at - from) / (to - from)) * (end - begin)
}
