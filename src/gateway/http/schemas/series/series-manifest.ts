import { z } from 'zod'
import type { ManifestScene, SeriesManifest } from '../../../domain/series/manifest.ts'
import { sceneStatuses } from '../../../domain/series/series.ts'
import { csvLine } from '../../answers/csv.ts'
import type { Cell } from '../../answers/csv.ts'
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
import { shownWord } from '../shown-word.ts'

const exampleScene = {
  number: 1,
  id: 'beach',
  file_name: '001-beach.mp4',
  status: 'completed',
  generation_id: exampleGenerationId,
  upstream: 'reseller-a',
  model: 'sora-2',
  duration: 10,
  size: '1280x720',
  bytes: 4_194_304,
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  cost_usd: 0.12,
  prompt: '@coffee_girl walks on the beach at sunset',
  error: null,
  warnings: [],
  metadata: {},
  completed_at: '2026-11-22T15:31:40.000Z',
}

const manifestScene = z
  .object({
    number: z.int().positive(),
    id: z.string(),
    file_name: z
      .string()
      .nullable()
      .meta({ description: 'Its name in `videos.zip`. Null if no video is stored.' }),
    status: shownWord(sceneStatuses),
    generation_id: generationId.nullable(),
    upstream: z.string().nullable(),
    model: z.string().nullable(),
    duration: z.number().nullable().meta({
      description: 'Seconds: the length of the video, or what the scene asks for if there is no video.',
    }),
    size: z.string().nullable().meta({
      description: 'The size of the video, or what the scene asks for if there is no video.',
    }),
    bytes: z.int().nullable(),
    sha256: z.string().nullable(),
    cost_usd: usd,
    prompt: z.string(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    warnings: z.array(warning),
    metadata: z.record(z.string(), z.string()),
    completed_at: timestamp.nullable(),
  })
  .meta({ id: 'ManifestScene', description: 'One scene of a series with its file.' })

export const SeriesManifestDto = z
  .object({
    object: z.literal('series_manifest'),
    series_id: seriesId,
    name: z.string().nullable(),
    created_at: timestamp,
    scenes: z.array(manifestScene),
  })
  .meta({
    id: 'SeriesManifest',
    description: 'The scenes of a series with their files.',
    examples: [
      {
        object: 'series_manifest',
        series_id: exampleSeriesId,
        name: 'A day at the sea',
        created_at: '2026-11-22T15:04:05.000Z',
        scenes: [exampleScene],
      },
    ],
  })

export type SeriesManifestDto = z.output<typeof SeriesManifestDto>
type SceneDto = SeriesManifestDto['scenes'][number]

export function toManifestDto({ seriesId: id, name, createdAt, scenes }: SeriesManifest): SeriesManifestDto {
  return {
    object: 'series_manifest',
    series_id: id,
    name,
    created_at: toTimestamp(createdAt),
    scenes: scenes.map(toScene),
  }
}

function toScene(from: ManifestScene): SceneDto {
  return {
    number: from.number,
    id: from.id,
    file_name: from.fileName,
    status: from.status,
    generation_id: from.generationId,
    upstream: from.upstream,
    model: from.model,
    duration: from.durationSeconds,
    size: from.size,
    bytes: from.bytes,
    sha256: from.sha256,
    cost_usd: toUsd(from.costMicros),
    prompt: from.prompt,
    error: from.error && { code: from.error.code, message: from.error.message },
    warnings: from.warnings.map(({ code, detail }) => ({ code, detail })),
    metadata: from.metadata,
    completed_at: toTimestampOrNull(from.completedAt),
  }
}

const columns = [
  'number',
  'id',
  'file_name',
  'status',
  'generation_id',
  'upstream',
  'model',
  'duration',
  'size',
  'bytes',
  'sha256',
  'cost_usd',
  'prompt',
  'completed_at',
] as const

/** A line of names, and one for each scene. Warnings share a cell, one a line; `metadata` is JSON text. */
export function toManifestCsv(manifest: SeriesManifest): string {
  const head = csvLine([...columns, 'error_code', 'error_message', 'warnings', 'metadata'])
  return toManifestDto(manifest).scenes.reduce((text, scene) => {
    const cells: Cell[] = columns.map((name) => scene[name])
    const warnings = scene.warnings.map(({ code, detail }) => `${code}: ${detail}`).join('\n')
    const error = [scene.error?.code ?? null, scene.error?.message ?? null]
    return text + csvLine([...cells, ...error, warnings, JSON.stringify(scene.metadata)])
  }, head)
}
