import type { Client } from '../../domain/accounts/client.ts'
import type { GenerationId, MediaId, SeriesId } from '../../domain/ids.ts'
import { manifestOf } from '../../domain/series/manifest.ts'
import type { SeriesManifest } from '../../domain/series/manifest.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import type { SeriesService } from '../series/series.ts'
import type { SeriesResults } from './series-results.ts'

export interface SeriesResultsDeps {
  series: Pick<SeriesService, 'get'>
  store: Pick<GenerationStore, 'get'>
  archive: Pick<MediaArchive, 'size'>
}

export function createSeriesResults(deps: SeriesResultsDeps): SeriesResults {
  return { manifest: (client, id) => readManifest(deps, client, id) }
}

async function readManifest(
  { series: service, store, archive }: SeriesResultsDeps,
  client: Client,
  id: SeriesId,
): Promise<SeriesManifest> {
  const { series, requests } = await service.get(client, id)
  const models = new Map<GenerationId, string>()
  const stored = new Set<MediaId>()
  // One after the other: a hundred scenes are no more for the store than a page of a list.
  for (const { isSent, generationId, video } of series.scenes) {
    const generation = isSent ? await store.get(generationId) : null
    if (generation !== null) models.set(generationId, generation.generation.request.model)
    if (video !== null && (await archive.size(video.mediaId)) !== null) stored.add(video.mediaId)
  }
  return manifestOf(series, requests, { models, stored })
}
