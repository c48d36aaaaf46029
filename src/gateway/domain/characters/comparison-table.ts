import type { CellScores, Comparison, ComparisonCell } from './comparison.ts'
import type { Fidelity } from '../routing/upstream.ts'

export interface ScoreAverages {
  /** The number of scores in the averages. */
  count: number
  face: number
  clothing: number
  style: number
}

/** How one upstream did, over all its cells. Means are over the cells that have the figure; null where none has. */
export interface UpstreamRow {
  upstream: string
  cells: number
  delivered: number
  failed: number
  /** Failed cells by why. */
  failures: Record<string, number>
  fidelity: Record<Fidelity, number>
  costMicros: number
  reservedMicros: number
  meanRenderMs: number | null
  hashSimilarity: number | null
  colourDistance: number | null
  scores: ScoreAverages | null
}

export function tableOf(
  { upstreams, cells }: Pick<Comparison, 'upstreams' | 'cells'>,
  scores: readonly CellScores[],
): UpstreamRow[] {
  return upstreams.map((upstream) => {
    const own = cells.filter((cell) => cell.upstream === upstream)
    const ids = new Set(own.map(({ generationId }) => generationId))
    const ended = own.filter(({ state }) => state === 'delivered' || state === 'failed')
    const delivered = own.filter(({ state }) => state === 'delivered')
    const failures: Record<string, number> = {}
    for (const { failure } of own)
      if (failure !== null) failures[failure.code] = (failures[failure.code] ?? 0) + 1
    const count = (fidelity: Fidelity) => delivered.filter((cell) => cell.fidelity === fidelity).length
    return {
      upstream,
      cells: own.length,
      delivered: delivered.length,
      failed: ended.length - delivered.length,
      failures,
      fidelity: { native: count('native'), inline: count('inline'), reference: count('reference') },
      costMicros: sum(ended.map(({ costMicros }) => costMicros ?? 0)),
      reservedMicros: sum(ended.map(({ reservedMicros }) => reservedMicros ?? 0)),
      meanRenderMs: meanOf(delivered, ({ renderMs }) => renderMs),
      hashSimilarity: meanOf(delivered, ({ likeness }) => likeness?.hashSimilarity ?? null),
      colourDistance: meanOf(delivered, ({ likeness }) => likeness?.colourDistance ?? null),
      scores: averageOf(scores.filter(({ generationId }) => ids.has(generationId))),
    }
  })
}

/** Null if there are no scores. */
export function averageOf(scores: readonly ScoreAverages[]): ScoreAverages | null {
  const count = sum(scores.map((each) => each.count))
  if (count === 0) return null
  const average = (pick: (score: ScoreAverages) => number) =>
    sum(scores.map((each) => pick(each) * each.count)) / count
  return {
    count,
    face: average(({ face }) => face),
    clothing: average(({ clothing }) => clothing),
    style: average(({ style }) => style),
  }
}

function meanOf(
  cells: readonly ComparisonCell[],
  pick: (cell: ComparisonCell) => number | null,
): number | null {
  const values = cells.map(pick).filter((value) => value !== null)
  return values.length === 0 ? null : sum(values) / values.length
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
