import { meanOf, overall } from './scores.ts'
import type { Points } from './scores.ts'

interface Row {
  upstream: string
  mean_seconds: number | null
  hash_similarity: number | null
  colour_distance: number | null
  scores: Points | null
}

interface Scored {
  upstream: string
  own_scores: Points | null
}

/** The mean of what this person scored on one upstream; null if nothing was. */
export function ownMeanOf(cells: readonly Scored[], upstream: string): Points | null {
  return meanOf(
    cells.flatMap(({ upstream: where, own_scores: own }) =>
      where === upstream && own !== null ? [own] : [],
    ),
  )
}

export interface Result {
  upstream: string
  /** One figure of each column; null where there is none. */
  mean_time: number | null
  likeness: number | null
  colours: number | null
  people: number | null
}

export function resultsOf({ table }: { table: readonly Row[] }): Result[] {
  return table.map((row) => ({
    upstream: row.upstream,
    mean_time: row.mean_seconds,
    likeness: row.hash_similarity,
    colours: row.colour_distance,
    people: row.scores === null ? null : overall(row.scores),
  }))
}

/** In which columns less is better. */
const better = { mean_time: 'less', likeness: 'more', colours: 'less', people: 'more' } as const
type Column = keyof typeof better

/** The best upstreams of each column; none where fewer than two have a figure, or where all are the same. */
export function bestOf(results: readonly Result[]): Record<Column, ReadonlySet<string>> {
  const best = (column: Column): ReadonlySet<string> => {
    const known = results.flatMap(({ upstream, [column]: figure }) =>
      figure === null ? [] : [{ upstream, figure }],
    )
    const figures = known.map(({ figure }) => figure)
    const wanted = better[column] === 'less' ? Math.min(...figures) : Math.max(...figures)
    const winners = known.filter(({ figure }) => figure === wanted)
    return new Set(
      known.length < 2 || winners.length === known.length ? [] : winners.map(({ upstream }) => upstream),
    )
  }
  return {
    mean_time: best('mean_time'),
    likeness: best('likeness'),
    colours: best('colours'),
    people: best('people'),
  }
}
