import type { Client } from '../../domain/accounts/client.ts'
import type { MediaId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import type { Attempt } from '../../domain/generation/generation.ts'
import type { SourceVideo } from '../../domain/generation/request.ts'
import type { Size } from '../../domain/routing/upstream.ts'
import type { Ids } from '../../ports/clock.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import type { SourceInput } from '../generations/generations.ts'
import { storageFull } from '../media/media-intake.ts'

/** A source and what a request that starts from it takes from it unless it says otherwise. */
export interface ResolvedSource {
  source: SourceVideo
  /** null for an upload, which does not say. */
  model: string | null
  size: Size
}

/** The video that a request starts from. Throws `not_found`, or `validation_failed` where there is no finished video. */
export async function resolveSource(
  store: GenerationStore,
  client: Client,
  { kind, from }: SourceInput,
): Promise<ResolvedSource> {
  if (from.type === 'upload') {
    const { mediaId, info } = from.stored
    const { contentType, width, height } = info
    const durationSeconds = Math.max(1, Math.round(info.durationSeconds ?? 0))
    return {
      source: { kind, generationId: null, mediaId, contentType, durationSeconds, holder: null },
      model: null,
      size: `${width}x${height}`,
    }
  }
  const generation = (await store.get(from.id))?.generation
  if (generation?.tenant !== client.tenant) throw faulty('not_found', `Video with id '${from.id}' not found.`)
  const { video, attempts, request } = generation
  if (video === null || video.expiredAt !== null) {
    throw faulty(
      'validation_failed',
      `The video '${from.id}' is not available: it must be completed and not expired.`,
    )
  }
  // A late video may make two attempts succeed; the file is named after the one that delivered it.
  const attempt = attempts.find(({ id }) => id.slice('att_'.length) === video.mediaId.slice('media_'.length))
  return {
    source: {
      kind,
      generationId: generation.id,
      mediaId: video.mediaId,
      contentType: video.contentType,
      durationSeconds: Math.max(1, Math.round(video.durationSeconds)),
      holder: attempt === undefined ? null : holderOf(attempt),
    },
    model: request.model,
    size: attempt?.size ?? `${video.width}x${video.height}`,
  }
}

function holderOf({ upstream, operation, sentTo }: Attempt): SourceVideo['holder'] {
  const account = sentTo === null ? null : { origin: sentTo.origin, credential: sentTo.credential }
  return { upstream, operation, account }
}

/** The request's own copy of its source, so that it does not matter when the source is deleted. An upload is its own already. */
export async function keepSource(
  { archive, ids }: { archive: MediaArchive; ids: Ids },
  source: SourceVideo,
): Promise<SourceVideo> {
  if (source.generationId === null) return source
  const mediaId: MediaId = ids.media()
  const outcome = await archive.copy(source.mediaId, mediaId)
  if (outcome === 'no_space') throw storageFull()
  if (outcome === 'missing') {
    throw faulty('validation_failed', `The video '${source.generationId}' is no longer stored.`)
  }
  return { ...source, mediaId }
}

function faulty(code: 'not_found' | 'validation_failed', detail: string): Problem {
  return new Problem(code, detail, { faults: [{ pointer: '/video', detail }] })
}
