import { z } from 'zod'
import { seriesAsideWarning } from '../../../domain/scheduling/crash.ts'
import {
  costsOf,
  countsOf,
  leadingScene,
  seriesProgress,
  sceneStatuses,
  seriesStatuses,
  statusOf,
} from '../../../domain/series/series.ts'
import type { Scene, Series } from '../../../domain/series/series.ts'
import type { SceneRequest } from '../../../domain/series/scene-request.ts'
import type { SignedAddresses } from '../../../services/generations/signed-addresses.ts'
import type { SeriesView } from '../../../services/series/series.ts'
import {
  exampleGenerationId,
  exampleSeriesId,
  generationId,
  seriesId,
  timestamp,
  toTimestamp,
  toTimestampOrNull,
  toUsd,
  usd,
} from '../fields.ts'
import { warning } from '../generations/generation.ts'
import { VideoDto, exampleVideo, toVideoDto } from '../generations/video.ts'
import { pageOf } from '../paging.ts'
import { shownWord } from '../shown-word.ts'

/** As a filter. */
export const seriesStatus = z.enum(seriesStatuses)

const scene = z
  .object({
    id: z.string(),
    number: z.int().positive(),
    prompt: z.string(),
    status: shownWord(sceneStatuses),
    progress: z.number().min(0).max(100),
    generation_id: generationId.nullable().meta({ description: 'Null until the scene is sent.' }),
    previous_generation_ids: z.array(generationId).meta({ description: 'Of earlier tries, oldest first.' }),
    attempts_made: z
      .int()
      .nonnegative()
      .meta({ description: 'Generations sent for this scene, retries included.' }),
    upstream: z.string().nullable(),
    cost_usd: usd,
    reserved_cost_usd: usd,
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    warnings: z.array(warning),
    video: VideoDto.nullable(),
    started_at: timestamp.nullable(),
    completed_at: timestamp.nullable(),
  })
  .meta({ id: 'Scene', description: 'One video of a series.' })

const common = {
  id: seriesId,
  object: z.literal('series'),
  name: z.string().nullable(),
  status: shownWord(seriesStatuses).meta({
    description: '`failed`: ended, and at least one scene has no video.',
  }),
  progress: z.number().min(0).max(100),
  counts: z
    .object(Object.fromEntries(sceneStatuses.map((status) => [status, z.int().nonnegative()])))
    .meta({ id: 'SceneCounts', description: 'The number of scenes by status.' }),
  cost_usd: usd.meta({ description: 'The cost of settled attempts.' }),
  reserved_cost_usd: usd.meta({ description: 'The highest possible cost of attempts that are not settled.' }),
  max_cost_usd: usd.nullable(),
  upstream: z.string().nullable().meta({ description: 'The upstream that following scenes prefer.' }),
  metadata: z.record(z.string(), z.string()),
  created_at: timestamp,
  completed_at: timestamp.nullable(),
}

const counts = { waiting: 0, queued: 0, in_progress: 0, completed: 1, failed: 0, cancelled: 0 }
const example = {
  id: exampleSeriesId,
  object: 'series',
  name: 'A day at the sea',
  status: 'completed',
  progress: 100,
  counts,
  cost_usd: 0.12,
  reserved_cost_usd: 0,
  max_cost_usd: 5,
  upstream: 'reseller-a',
  metadata: {},
  created_at: '2026-11-22T15:04:05.000Z',
  completed_at: '2026-11-22T15:31:40.000Z',
}
const exampleScene = {
  id: 'beach',
  number: 1,
  prompt: '@coffee_girl walks on the beach at sunset',
  status: 'completed',
  progress: 100,
  generation_id: exampleGenerationId,
  previous_generation_ids: [],
  attempts_made: 1,
  upstream: 'reseller-a',
  cost_usd: 0.12,
  reserved_cost_usd: 0,
  error: null,
  warnings: [],
  video: exampleVideo,
  started_at: '2026-11-22T15:04:06.000Z',
  completed_at: '2026-11-22T15:31:40.000Z',
}

export const SeriesDto = z.object({ ...common, warnings: z.array(warning), scenes: z.array(scene) }).meta({
  id: 'Series',
  description: 'A list of scenes as one piece of work.',
  examples: [{ ...example, warnings: [], scenes: [exampleScene] }],
})

const SeriesSummary = z
  .object(common)
  .meta({ id: 'SeriesSummary', description: 'A series without its scenes.' })

export const SeriesPage = pageOf('SeriesPage', SeriesSummary)

export type SeriesDto = z.output<typeof SeriesDto>
export type SeriesSummary = z.output<typeof SeriesSummary>

export function toSeriesSummary(series: Series): SeriesSummary {
  const { costMicros, reservedMicros } = costsOf(series)
  return {
    id: series.id,
    object: 'series',
    name: series.name,
    status: statusOf(series),
    progress: seriesProgress(series),
    counts: countsOf(series),
    cost_usd: toUsd(costMicros),
    reserved_cost_usd: toUsd(reservedMicros),
    max_cost_usd: series.maxCostMicros === null ? null : toUsd(series.maxCostMicros),
    upstream: leadingScene(series)?.upstream ?? null,
    metadata: series.metadata,
    created_at: toTimestamp(series.createdAt),
    completed_at: toTimestampOrNull(series.completedAt),
  }
}

export function toSeriesDto(
  { series, requests, asideUntil }: SeriesView,
  addresses: SignedAddresses,
): SeriesDto {
  const scenes = series.scenes.map((each) => toScene(each, requests[each.number - 1], addresses))
  const warnings = asideUntil === null ? [] : [seriesAsideWarning(asideUntil)]
  return { ...toSeriesSummary(series), warnings, scenes }
}

function toScene(
  from: Scene,
  request: SceneRequest | undefined,
  addresses: SignedAddresses,
): SeriesDto['scenes'][number] {
  const { generationId: id, isSent, video: asset } = from
  return {
    id: from.id,
    number: from.number,
    prompt: request?.prompt ?? '',
    status: from.status,
    progress: from.progress,
    generation_id: isSent ? id : null,
    previous_generation_ids: from.previousGenerationIds,
    attempts_made: from.previousGenerationIds.length + (isSent ? 1 : 0),
    upstream: from.upstream,
    cost_usd: toUsd(from.costMicros + from.earlierCostMicros),
    reserved_cost_usd: toUsd(from.reservedMicros),
    error: from.error && { code: from.error.code, message: from.error.message },
    warnings: from.warnings.map(({ code, detail }) => ({ code, detail })),
    video: asset && toVideoDto(id, asset, addresses),
    started_at: toTimestampOrNull(from.startedAt),
    completed_at: toTimestampOrNull(from.completedAt),
  }
}
