import type { Client } from '../../domain/accounts/client.ts'
import { Problem } from '../../domain/problem.ts'
import type { Ids } from '../../ports/clock.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import type { CharacterInput } from './characters.ts'
import { refusedMedia, storageFull } from '../media/media-intake.ts'
import type { MediaIntake, StoredMedia } from '../media/media-intake.ts'

interface ClipDeps {
  generations: GenerationStore
  archive: MediaArchive
  intake: MediaIntake
  ids: Ids
}

const cutMs = 60_000
/** Containers state durations rounded to a frame. */
const endSlackSeconds = 0.05

/** The source clip in the archive, under an id of the character's own. */
export async function obtainClip(
  { generations, archive, intake, ids }: ClipDeps,
  client: Client,
  source: Exclude<CharacterInput['source'], { type: 'pictures' }>,
): Promise<StoredMedia> {
  switch (source.type) {
    case 'upload':
      return source.stored
    case 'url':
      return intake.fromUrl(source.url, ['video'], '/video_url')
    case 'generation': {
      const generation = (await generations.get(source.generationId))?.generation
      if (generation?.tenant !== client.tenant) {
        throw faulty(
          'not_found',
          '/generation_id',
          'The generation does not exist, or belongs to another tenant.',
        )
      }
      const { video } = generation
      if (video === null)
        throw faulty(
          'video_not_ready',
          '/generation_id',
          'This generation has no video. Use a completed one.',
        )
      const mediaId = ids.media()
      const outcome = await archive.copy(video.mediaId, mediaId)
      if (outcome === 'no_space') throw storageFull()
      if (outcome === 'missing') {
        throw faulty('video_gone', '/generation_id', 'The video of this generation is no longer stored.')
      }
      return { mediaId, info: { ...video, kind: 'video' } }
    }
  }
}

/** The part of it that is asked for, in a file of its own; the whole is let go then. */
export async function cutClip(
  { archive, ids }: ClipDeps,
  stored: StoredMedia,
  span: CharacterInput['clip'],
): Promise<StoredMedia> {
  if (span === null) return stored
  const seconds = stored.info.durationSeconds ?? 0
  if (span.start >= span.end || span.end > seconds + endSlackSeconds) {
    throw faulty(
      'validation_failed',
      '/clip',
      `The span must lie within the ${seconds.toFixed(2)} s of the video.`,
    )
  }
  const mediaId = ids.media()
  const outcome = await archive.cut(stored.mediaId, mediaId, span, AbortSignal.timeout(cutMs))
  if (outcome.type !== 'stored') throw refusedMedia(outcome, { pointer: '/clip', from: 'upload' })
  await archive.remove(stored.mediaId)
  return { mediaId, info: outcome.info }
}

function faulty(code: Problem['code'], pointer: string, detail: string): Problem {
  return new Problem(code, detail, { faults: [{ pointer, detail }] })
}
