import type { Client } from '../../domain/accounts/client.ts'
import type { GenerationId, MediaId, SeriesId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import { manifestOf } from '../../domain/series/manifest.ts'
import type { SeriesManifest } from '../../domain/series/manifest.ts'
import { isOver } from '../../domain/series/series.ts'
import type { Clock } from '../../ports/clock.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { FrameGallery } from '../../ports/media/frame-gallery.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import { orBusy } from '../media/or-busy.ts'
import type { SeriesService } from '../series/series.ts'
import { sceneSheetOf } from './scene-sheet.ts'
import type { SeriesResults, SeriesSheet, SeriesVideos } from './series-results.ts'

/** Strips are made on first use, about a second each; what is not done in this time is there when the sheet is asked for again. */
const picturesMs = 20_000
/** Of all pictures of one page: a hundred usual strips have 2 MB. */
const mostPictureBytes = 8 * 1024 * 1024

export interface SeriesResultsDeps {
  series: Pick<SeriesService, 'get'>
  store: Pick<GenerationStore, 'get'>
  archive: Pick<MediaArchive, 'size' | 'read'>
  gallery: Pick<FrameGallery, 'strip' | 'draw'>
  clock: Clock
}

export function createSeriesResults(deps: SeriesResultsDeps): SeriesResults {
  return {
    manifest: (client, id) => readManifest(deps, client, id),
    async videos(client, id) {
      const manifest = await readManifest(deps, client, id)
      const files = filesOf(deps, manifest)
      if (files.length === 0) throw noVideos(manifest)
      return { manifest, files }
    },
    sheet: async (client, id) => orBusy(readSheet(deps, await readManifest(deps, client, id))),
    sheetPng: async (client, id) => orBusy(drawSheet(deps, await readManifest(deps, client, id))),
  }
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

function filesOf(
  { archive }: SeriesResultsDeps,
  { createdAt, scenes }: SeriesManifest,
): SeriesVideos['files'] {
  return scenes.flatMap(({ fileName: name, video, completedAt }) => {
    if (name === null || video === null) return []
    const { bytes, mediaId } = video
    return [{ name, bytes, completedAt: completedAt ?? createdAt, read: () => archive.read(mediaId, null) }]
  })
}

async function readSheet(
  { gallery, clock }: SeriesResultsDeps,
  manifest: SeriesManifest,
): Promise<SeriesSheet> {
  const strips = new Map<number, Uint8Array>()
  const until = clock.now() + picturesMs
  let bytes = 0
  for (const { number, video } of manifest.scenes) {
    if (clock.now() >= until) break
    const strip = video && (await gallery.strip(video.mediaId))
    if (strip === null || bytes + strip.bytes.byteLength > mostPictureBytes) continue
    bytes += strip.bytes.byteLength
    strips.set(number, strip.bytes)
  }
  return { manifest, strips }
}

async function drawSheet(deps: SeriesResultsDeps, manifest: SeriesManifest): Promise<Uint8Array> {
  return deps.gallery.draw(sceneSheetOf(await readSheet(deps, manifest)))
}

function noVideos(manifest: SeriesManifest): Problem {
  if (manifest.scenes.some(({ status }) => status === 'completed'))
    return new Problem('video_gone', 'The videos of this series were removed from the archive.')
  if (isOver(manifest)) return new Problem('not_found', 'This series has no videos: no scene was completed.')
  return new Problem('video_not_ready', 'No scene of this series is completed yet. Try again later.')
}
