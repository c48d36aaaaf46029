import type { CellScores, Comparison, ComparisonCell } from '../../domain/characters/comparison.ts'
import { averageOf, tableOf } from '../../domain/characters/comparison-table.ts'
import type { ScoreAverages, UpstreamRow } from '../../domain/characters/comparison-table.ts'
import { formatUsd } from '../../domain/routing/price.ts'
import type { ContactSheet, SheetCell } from '../../ports/media/frame-gallery.ts'

/** A comparison in the words of a sheet that is drawn. */
export function contactSheetOf(comparison: Comparison, scores: readonly CellScores[]): ContactSheet {
  const { character, scenes, runs, upstreams, cells } = comparison
  const table = tableOf(comparison, scores)
  return {
    title: titleOf(comparison),
    lines: [progressText(comparison, table)],
    source: { caption: 'Source clip', mediaId: character.clip },
    columns: table.map((row) => ({ name: row.upstream, lines: rowLines(row) })),
    scenes: scenes.map((title, scene) => ({
      title,
      takes: Array.from({ length: runs }, (_, run) =>
        upstreams.map((upstream) => {
          const cell = cells.find(
            (each) => each.scene === scene && each.run === run && each.upstream === upstream,
          )
          return cell === undefined ? noCell : sheetCell(cell, scores)
        }),
      ),
    })),
  }
}

export function titleOf({ character, scenes, runs, upstreams }: Comparison): string {
  const counts = [
    counted(scenes.length, 'scene'),
    counted(runs, 'run'),
    counted(upstreams.length, 'upstream'),
  ]
  return `${character.name}: ${counts.join(' × ')}`
}

export function progressText(comparison: Comparison, table: readonly UpstreamRow[]): string {
  const ended = table.reduce((sum, { delivered, failed }) => sum + delivered + failed, 0)
  const cost = table.reduce((sum, { costMicros }) => sum + costMicros, 0)
  const made = new Date(comparison.createdAt).toISOString().slice(0, 10)
  return `${ended} of ${comparison.cells.length} done · ${formatUsd(cost)} of at most ${formatUsd(comparison.maxCostMicros)} · ${comparison.model}, ${comparison.durationSeconds} s · ${made}`
}

const fidelityWords = { native: 'native', inline: 'sent along', reference: 'by reference' }

/** How an upstream did, in two or three lines. */
export function rowLines(row: UpstreamRow): string[] {
  const { cells, delivered, failures, fidelity, meanRenderMs } = row
  const ways = [
    ...(fidelity.native > 0 ? ['native'] : []),
    ...(fidelity.inline > 0 ? ['sent along'] : []),
    ...(fidelity.reference > 0 ? ['by reference'] : []),
  ]
  const seconds = meanRenderMs === null ? [] : [`${secondsOf(meanRenderMs)} on average`]
  const reasons = Object.entries(failures).map(([code, count]) => `${count} × ${code}`)
  return [
    [`${delivered} of ${cells} delivered`, ...ways, formatUsd(row.costMicros), ...seconds].join(' · '),
    ...(reasons.length === 0 ? [] : [reasons.join(' · ')]),
    [likenessOf(row), opinionOf(row.scores) ?? 'not scored yet'].filter((part) => part !== '').join(' · '),
  ]
}

const noCell: SheetCell = { mediaId: null, caption: '', missing: 'not part of this comparison' }

function sheetCell(cell: ComparisonCell, scores: readonly CellScores[]): SheetCell {
  return { mediaId: cell.mediaId, caption: captionOf(cell, scores), missing: missingOf(cell) }
}

/** Said where there are no pictures. */
export function missingOf({ state, failure }: ComparisonCell): string {
  if (failure !== null) return `${failure.code}: ${failure.message}`
  return state === 'delivered' ? 'no picture' : state
}

export function captionOf(cell: ComparisonCell, scores: readonly CellScores[]): string {
  const own = scores.filter(({ generationId }) => generationId === cell.generationId)
  const { costMicros, renderMs, fidelity, likeness } = cell
  return [
    ...(costMicros === null ? [] : [formatUsd(costMicros)]),
    ...(renderMs === null ? [] : [secondsOf(renderMs)]),
    ...(fidelity === null ? [] : [fidelityWords[fidelity]]),
    ...(likeness === null ? [] : [likenessOf(likeness)]),
    ...(own.length === 0 ? [] : [opinionOf(averageOf(own)) ?? '']),
  ].join(' · ')
}

function likenessOf(figures: { hashSimilarity: number | null; colourDistance: number | null }): string {
  const { hashSimilarity, colourDistance } = figures
  if (hashSimilarity === null || colourDistance === null) return ''
  return `likeness ${hashSimilarity.toFixed(2)}, colours ${colourDistance.toFixed(1)} apart`
}

function opinionOf(scores: ScoreAverages | null): string | null {
  if (scores === null) return null
  const [face, clothing, style] = [scores.face, scores.clothing, scores.style].map((value) =>
    value.toFixed(0),
  )
  return `face ${face}, clothing ${clothing}, style ${style}`
}

function secondsOf(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
