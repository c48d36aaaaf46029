import { z } from 'zod'
import { cellStates } from '../../../domain/characters/comparison.ts'
import { comparisonAsideWarning } from '../../../domain/scheduling/crash.ts'
import { warning } from '../generations/generation.ts'
import { shownWord } from '../shown-word.ts'
import type { ComparisonCell } from '../../../domain/characters/comparison.ts'
import { averageOf, tableOf } from '../../../domain/characters/comparison-table.ts'
import type { ScoreAverages, UpstreamRow } from '../../../domain/characters/comparison-table.ts'
import type { ComparisonView } from '../../../services/comparisons/comparisons.ts'
import { exampleGenerationId, fidelity, generationId, toUsd, usd } from '../fields.ts'
import { exampleSummary, sumUsd, summaryFields, toComparisonSummary } from './comparison-summary.ts'

const similarity = z.number().min(0).max(1).nullable().meta({
  description:
    'Share of equal bits in the perceptual hashes of each frame and the closest frame of the source clip. Unrelated images score about 0.5.',
})
const colours = z.number().nonnegative().nullable().meta({
  description:
    'CIEDE2000 difference of the mean colours of each frame and the closest frame of the source clip. 0 is identical; 2 is barely visible.',
})
const points = z.number().min(0).max(100)
export const ScoreAveragesDto = z
  .object({
    count: z.int().positive().meta({ description: 'The number of scores in the averages.' }),
    face: points,
    clothing: points,
    style: points,
  })
  .meta({ id: 'ScoreAverages', description: 'Average scores given by people, from 0 to 100.' })

const row = z
  .object({
    upstream: z.string(),
    videos: z.int(),
    delivered: z.int(),
    failed: z.int(),
    failures: z.record(z.string(), z.int()).meta({ description: 'The number of failures per code.' }),
    native: z.int().meta({ description: 'Videos delivered with the native character.' }),
    inline: z.int().meta({ description: 'Videos delivered with the clip or pictures sent along.' }),
    reference: z.int().meta({ description: 'Videos delivered with the character by reference.' }),
    cost_usd: usd,
    reserved_cost_usd: usd,
    mean_seconds: z
      .number()
      .nullable()
      .meta({ description: 'The mean time from submission to the delivered video.' }),
    hash_similarity: similarity,
    colour_distance: colours,
    scores: ScoreAveragesDto.nullable(),
  })
  .meta({
    id: 'ComparisonRow',
    description: 'Results of one upstream. Means are taken over delivered videos.',
  })

const cell = z
  .object({
    scene: z.int().nonnegative().meta({ description: 'The index in `scenes`, starting at 0.' }),
    run: z.int().positive(),
    upstream: z.string(),
    state: shownWord(cellStates),
    generation_id: generationId,
    cost_usd: usd.nullable(),
    reserved_cost_usd: usd.nullable(),
    seconds: z.number().nullable(),
    fidelity: fidelity.nullable(),
    hash_similarity: similarity,
    colour_distance: colours,
    failure: z.object({ code: z.string(), message: z.string() }).nullable(),
    scores: ScoreAveragesDto.nullable(),
    own_scores: z
      .object({ face: points, clothing: points, style: points })
      .nullable()
      .meta({ description: 'What the key of this request scored, under its own name.' }),
  })
  .meta({
    id: 'ComparisonCell',
    description: 'One video: a regular generation that may use only this upstream.',
  })

const exampleScores = { count: 15, face: 92, clothing: 88, style: 90 }
const example = {
  ...exampleSummary,
  scenes: ['@coffee_girl walks on the beach at sunset'],
  cost_usd: 0.12,
  table: [
    {
      upstream: 'reseller-a',
      videos: 1,
      delivered: 1,
      failed: 0,
      failures: {},
      native: 1,
      inline: 0,
      reference: 0,
      cost_usd: 0.12,
      reserved_cost_usd: 0,
      mean_seconds: 84.2,
      hash_similarity: 0.81,
      colour_distance: 9.4,
      scores: exampleScores,
    },
  ],
  cells: [
    {
      scene: 0,
      run: 1,
      upstream: 'reseller-a',
      state: 'delivered',
      generation_id: exampleGenerationId,
      cost_usd: 0.12,
      reserved_cost_usd: 0,
      seconds: 84.2,
      fidelity: 'native',
      hash_similarity: 0.81,
      colour_distance: 9.4,
      failure: null,
      scores: { ...exampleScores, count: 1 },
      own_scores: { face: 92, clothing: 88, style: 90 },
    },
  ],
  warnings: [],
  sheet_url: 'https://understudy.example/sheets/WyJjbXBf….c2lnbmF0dXJl',
}

export const ComparisonDto = z
  .object({
    ...summaryFields,
    scenes: z.array(z.string()),
    cost_usd: usd.meta({ description: 'The cost of settled videos so far.' }),
    table: z.array(row),
    cells: z.array(cell),
    warnings: z.array(warning),
    sheet_url: z.string().meta({
      description:
        'A signed link to the contact sheet, where people can score the videos in a browser. Valid for two weeks.',
    }),
  })
  .meta({
    id: 'Comparison',
    description: 'The same scenes with one character on several upstreams.',
    examples: [example],
  })

export type ComparisonDto = z.output<typeof ComparisonDto>

export function toAverages(scores: ScoreAverages | null): ComparisonDto['table'][number]['scores'] {
  return scores && { count: scores.count, face: scores.face, clothing: scores.clothing, style: scores.style }
}

const toSeconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000)

function toRow(from: UpstreamRow): ComparisonDto['table'][number] {
  return {
    upstream: from.upstream,
    videos: from.cells,
    delivered: from.delivered,
    failed: from.failed,
    failures: from.failures,
    ...from.fidelity,
    cost_usd: toUsd(from.costMicros),
    reserved_cost_usd: toUsd(from.reservedMicros),
    mean_seconds: toSeconds(from.meanRenderMs),
    hash_similarity: from.hashSimilarity,
    colour_distance: from.colourDistance,
    scores: toAverages(from.scores),
  }
}

function toCell(
  from: ComparisonCell,
  { scores, ownScores }: Pick<ComparisonView, 'scores' | 'ownScores'>,
): ComparisonDto['cells'][number] {
  const all = scores.filter(({ generationId: id }) => id === from.generationId)
  const own = ownScores.find(({ generationId: id }) => id === from.generationId)
  return {
    scene: from.scene,
    run: from.run + 1,
    upstream: from.upstream,
    state: from.state,
    generation_id: from.generationId,
    cost_usd: from.costMicros === null ? null : toUsd(from.costMicros),
    reserved_cost_usd: from.reservedMicros === null ? null : toUsd(from.reservedMicros),
    seconds: toSeconds(from.renderMs),
    fidelity: from.fidelity,
    hash_similarity: from.likeness && from.likeness.hashSimilarity,
    colour_distance: from.likeness && from.likeness.colourDistance,
    failure: from.failure && { code: from.failure.code, message: from.failure.message },
    scores: toAverages(averageOf(all)),
    own_scores: own === undefined ? null : { face: own.face, clothing: own.clothing, style: own.style },
  }
}

export function toComparisonDto(view: ComparisonView): ComparisonDto {
  const { comparison, scores, asideUntil } = view
  const { cells } = comparison
  const table = tableOf(comparison, scores)
  return {
    ...toComparisonSummary(view),
    scenes: comparison.scenes,
    cost_usd: sumUsd(table.map(({ costMicros }) => costMicros)),
    table: table.map(toRow),
    cells: cells.map((each) => toCell(each, view)),
    warnings: asideUntil === null ? [] : [comparisonAsideWarning(asideUntil)],
    sheet_url: view.sheetUrl,
  }
}
