import { z } from 'zod'
import { progressOf } from '../../../domain/characters/comparison-money.ts'
import type { ComparisonEntry } from '../../../services/comparisons/comparisons.ts'
import {
  characterId,
  comparisonId,
  exampleCharacterId,
  exampleComparisonId,
  timestamp,
  toTimestamp,
  toTimestampOrNull,
  toUsd,
  usd,
} from '../fields.ts'
import { moneyFields, toMoney } from '../money.ts'
import { pageOf } from '../paging.ts'

/** What a list and the comparison itself have in common. */
export const summaryFields = {
  id: comparisonId,
  object: z.literal('comparison'),
  name: z.string().nullable(),
  status: z.enum(['in_progress', 'completed']),
  progress: z.number().min(0).max(100).meta({ description: 'Share of videos that ended, in percent.' }),
  character: z.object({ id: characterId, name: z.string() }),
  runs: z.int(),
  upstreams: z.array(z.string()),
  model: z.string(),
  duration: z.number(),
  size: z.string(),
  videos: z.int().meta({ description: 'Scenes times runs times upstreams.' }),
  delivered: z.int(),
  failed: z.int(),
  max_cost_usd: usd,
  worst_case_cost_usd: usd,
  money: z.object(moneyFields).meta({
    description: 'Of all videos, also those in progress. The three sums are never added up.',
  }),
  created_at: timestamp,
  completed_at: timestamp.nullable(),
}

export const exampleSummary = {
  id: exampleComparisonId,
  object: 'comparison',
  name: 'Who keeps her apron',
  status: 'completed',
  progress: 100,
  character: { id: exampleCharacterId, name: 'coffee_girl' },
  runs: 1,
  upstreams: ['reseller-a'],
  model: 'sora-2',
  duration: 5,
  size: 'landscape',
  videos: 1,
  delivered: 1,
  failed: 0,
  max_cost_usd: 12,
  worst_case_cost_usd: 0.12,
  money: { paid_usd: 0.12, may_still_be_charged_usd: 0, paid_without_video_usd: 0 },
  created_at: '2026-11-22T15:04:05.000Z',
  completed_at: '2026-11-22T15:31:40.000Z',
}

export const ComparisonSummary = z.object(summaryFields).meta({
  id: 'ComparisonSummary',
  description: 'A comparison without its scenes, table and videos.',
  examples: [exampleSummary],
})

export const ComparisonPage = pageOf('ComparisonPage', ComparisonSummary)

export type ComparisonSummary = z.output<typeof ComparisonSummary>

export function sumUsd(micros: number[]): number {
  return toUsd(micros.reduce((total, value) => total + value, 0))
}

export function toComparisonSummary({ comparison, money }: ComparisonEntry): ComparisonSummary {
  const { character, cells } = comparison
  return {
    id: comparison.id,
    object: 'comparison',
    name: comparison.name,
    status: comparison.completedAt === null ? 'in_progress' : 'completed',
    progress: progressOf(comparison),
    character: { id: character.id, name: character.name },
    runs: comparison.runs,
    upstreams: comparison.upstreams,
    model: comparison.model,
    duration: comparison.durationSeconds,
    size: comparison.size,
    videos: cells.length,
    delivered: cells.filter(({ state }) => state === 'delivered').length,
    failed: cells.filter(({ state }) => state === 'failed').length,
    max_cost_usd: toUsd(comparison.maxCostMicros),
    worst_case_cost_usd: sumUsd(cells.map(({ ceilingMicros }) => ceilingMicros)),
    money: toMoney(money),
    created_at: toTimestamp(comparison.createdAt),
    completed_at: toTimestampOrNull(comparison.completedAt),
  }
}
