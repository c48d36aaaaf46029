import type { Warning } from '../generation/failure.ts'
import type { GenerationId, MediaId, SeriesId } from '../ids.ts'
import { extensionOf } from '../media-kind.ts'
import type { Shape, Size } from '../routing/upstream.ts'
import { sceneFileName } from './file-name.ts'
import type { SceneRequest } from './scene-request.ts'
import type { Scene, SceneStatus, Series } from './series.ts'

/** One scene with its file. Money is micro-dollars. */
export interface ManifestScene {
  number: number
  id: string
  /** Null where there is no video. */
  fileName: string | null
  status: SceneStatus
  /** Null until it is sent. */
  generationId: GenerationId | null
  upstream: string | null
  /** Null where the scene names none and was not sent. */
  model: string | null
  /** Of the video; of the request where there is none. Null: not said. */
  durationSeconds: number | null
  size: Size | Shape | null
  bytes: number | null
  sha256: string | null
  /** Earlier tries included. */
  costMicros: number
  prompt: string
  error: { code: string; message: string } | null
  warnings: Warning[]
  metadata: Record<string, string>
  completedAt: number | null
  /** What the archive has. */
  video: { mediaId: MediaId; contentType: string; bytes: number } | null
}

export interface SeriesManifest {
  seriesId: SeriesId
  name: string | null
  createdAt: number
  scenes: ManifestScene[]
}

/** What is known of scenes beside the series itself. */
export interface SceneFacts {
  /** By generation. */
  models: ReadonlyMap<GenerationId, string>
  /** Files that the archive has. */
  stored: ReadonlySet<MediaId>
}

/** A row for each scene, in their order. A video that is no longer stored has no file. */
export function manifestOf(
  { id, name, createdAt, scenes }: Series,
  requests: readonly SceneRequest[],
  facts: SceneFacts,
): SeriesManifest {
  const rows = scenes.map((scene, index) => rowOf(scene, requests[index], facts))
  return { seriesId: id, name, createdAt, scenes: rows }
}

function rowOf(
  scene: Scene,
  request: SceneRequest | undefined,
  { models, stored }: SceneFacts,
): ManifestScene {
  const { number, id, status, isSent, generationId, upstream, error, warnings, completedAt } = scene
  const prompt = request?.prompt ?? ''
  const video = scene.video !== null && stored.has(scene.video.mediaId) ? scene.video : null
  const asked = { durationSeconds: request?.durationSeconds ?? null, size: request?.size ?? null }
  const { durationSeconds, size } = scene.video === null ? asked : madeOf(scene.video)
  const extension = video === null ? '' : extensionOf(video.contentType)
  return {
    number,
    id,
    fileName: video && sceneFileName({ number, id, prompt, extension }),
    status,
    generationId: isSent ? generationId : null,
    upstream,
    model: models.get(generationId) ?? request?.model ?? null,
    durationSeconds,
    size,
    bytes: scene.video && scene.video.bytes,
    sha256: scene.video && scene.video.sha256,
    costMicros: scene.costMicros + scene.earlierCostMicros,
    prompt,
    error,
    warnings,
    metadata: request?.metadata ?? {},
    completedAt,
    video: video && { mediaId: video.mediaId, contentType: video.contentType, bytes: video.bytes },
  }
}

function madeOf({
  durationSeconds,
  width,
  height,
}: {
  durationSeconds: number
  width: number
  height: number
}): {
  durationSeconds: number
  size: Size
} {
  return { durationSeconds, size: `${width}x${height}` }
}
