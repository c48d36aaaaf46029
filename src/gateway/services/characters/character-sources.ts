import { createHash } from 'node:crypto'
import { isSameAccount } from '../../domain/attempts/account.ts'
import type { Character, CharacterClip } from '../../domain/characters/character.ts'
import type { Warning } from '../../domain/generation/failure.ts'
import type { MediaId } from '../../domain/ids.ts'
import type { Json } from '../../domain/json.ts'
import type { ClipSpan, UpstreamSpec } from '../../domain/routing/upstream.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import type { CreateCharacterRequest, InlineCharacter, MediaSource, Upstream } from '../../ports/upstream.ts'
import type { MediaSources } from '../advance/media-sources.ts'
import type { CharacterStillsOf } from './character-stills.ts'
import type { NoClip } from './characters.ts'

const cutMs = 60_000
/** Containers state durations rounded to a frame. */
const slackSeconds = 0.05

export type CharacterClipFor = ({ type: 'ready' } & Omit<InlineCharacter, 'name'>) | NoClip
export type CharacterMaterialFor =
  ({ type: 'ready' } & Pick<CreateCharacterRequest, 'clip' | 'span' | 'pictures' | 'fromJob'>) | NoClip

export interface CharacterSources {
  /** What an upstream makes a character of: its clip where the upstream takes one of this length, else its stills. */
  open(upstream: Pick<Upstream, 'spec' | 'account'>, character: Character): Promise<CharacterMaterialFor>
  /** The clip, no longer than the upstream takes, and the job it came from where that is the upstream's own. */
  clip(upstream: Pick<Upstream, 'spec' | 'account'>, character: Character): Promise<CharacterClipFor>
  /** Removes what was cut for an upstream and is no longer needed. */
  forget(spec: UpstreamSpec, character: Character): Promise<void>
}

/** The seconds of a clip that an upstream takes; null when it is too short for it. */
function spanFor({ characterClip }: UpstreamSpec, seconds: number): ClipSpan | null {
  if (characterClip === null) return { start: 0, end: seconds }
  const { minSeconds, maxSeconds } = characterClip
  if (seconds < minSeconds - slackSeconds) return null
  return { start: 0, end: isLonger(seconds, maxSeconds) ? maxSeconds : seconds }
}

/** What a caller is told who gets a character by a part of its clip. */
export function cutWarnings({ name, clip }: Character, upstream: string, span: ClipSpan | null): Warning[] {
  if (span === null || clip === null || !isLonger(clip.durationSeconds, span.end)) return []
  const whole = clip.durationSeconds.toFixed(1)
  const detail = `${upstream} accepts only ${span.end} s of a clip, so @${name} is created from the first ${span.end} of ${whole} s.`
  return [{ code: 'character_clip_cut', detail }]
}

/** Whether the one is longer than the other by more than a rounding. */
function isLonger(seconds: number, than: number): boolean {
  return seconds > than + slackSeconds
}

export function createCharacterSources(deps: {
  archive: MediaArchive
  generations: GenerationStore
  mediaSources: MediaSources
  stillsOf: CharacterStillsOf
}): CharacterSources {
  const { archive, generations, mediaSources } = deps

  /** The clip, or a part of it in a file of its own, made when it is not there. */
  async function fileFor(spec: UpstreamSpec, clip: CharacterClip, span: ClipSpan): Promise<MediaId | NoClip> {
    if (!isLonger(clip.durationSeconds, span.end)) return clip.mediaId
    const cutId = cutIdOf(spec, clip.mediaId)
    if ((await archive.size(cutId)) !== null) return cutId
    if ((await archive.size(clip.mediaId)) === null) return missing
    const cut = await archive.cut(clip.mediaId, cutId, span, AbortSignal.timeout(cutMs))
    if (cut.type === 'stored') return cutId
    return { type: cut.type === 'not_media' ? 'unusable' : 'unavailable', message: cut.message }
  }

  /** The job of a character's generation that this account rendered, unless the character is only a part of what that job shows. */
  async function sourceJob(
    { spec, account }: Pick<Upstream, 'spec' | 'account'>,
    { source, clip }: Character,
  ): Promise<Json> {
    if (source.type !== 'generation') return null
    const generation = (await generations.get(source.generationId))?.generation
    if (clip === null || generation?.video?.sha256 !== clip.sha256) return null
    const attempt = generation.attempts.find(
      ({ state, upstream }) => state === 'succeeded' && upstream === spec.id,
    )
    if (attempt === undefined || attempt.sentTo === null) return null
    return isSameAccount(attempt.sentTo, account) ? attempt.operation : null
  }

  async function openClip(
    upstream: Pick<Upstream, 'spec' | 'account'>,
    character: Character,
  ): Promise<CharacterClipFor> {
    const { spec } = upstream
    if (character.clip === null) return noClip
    const { mediaId, durationSeconds, contentType } = character.clip
    const span = spanFor(spec, durationSeconds)
    if (span === null) return tooShort(spec, durationSeconds)
    const file = await fileFor(spec, character.clip, span)
    if (typeof file !== 'string') return file
    const media = await mediaSources(file, file === mediaId ? contentType : 'video/mp4')
    if (media === null) return missing
    return { type: 'ready', clip: media, span, fromJob: await sourceJob(upstream, character) }
  }

  async function pictures(character: Character): Promise<CharacterMaterialFor> {
    const found = await deps.stillsOf(character)
    if (found.type !== 'ready') return found
    const shown: MediaSource[] = []
    for (const { mediaId, contentType } of found.stills.pictures) {
      const media = await mediaSources(mediaId, contentType)
      if (media === null) return stillMissing
      shown.push(media)
    }
    return { type: 'ready', clip: null, span: null, pictures: shown, fromJob: null }
  }

  return {
    clip: openClip,
    async open(upstream, character) {
      const { charactersFrom = ['clip'] } = upstream.spec
      const fits = character.clip !== null && spanFor(upstream.spec, character.clip.durationSeconds) !== null
      if (charactersFrom.includes('pictures') && !(charactersFrom.includes('clip') && fits))
        return pictures(character)
      return openClip(upstream, character)
    },
    async forget(spec, { clip }) {
      if (clip !== null && spec.characterClip !== null) await archive.remove(cutIdOf(spec, clip.mediaId))
    },
  }
}

function tooShort({ id, characterClip }: UpstreamSpec, seconds: number): NoClip {
  const least = characterClip?.minSeconds ?? 0
  const message = `The clip has ${seconds.toFixed(1)} s; ${id} makes characters of at least ${least} s.`
  return { type: 'unusable', message }
}

const stillMissing = {
  type: 'unusable',
  message: 'A still of this character is missing from the archive. Replace its stills.',
} as const

const noClip = {
  type: 'unusable',
  message: 'The character was made from pictures and has no clip.',
} as const

const missing = {
  type: 'unusable',
  message: 'The source clip of this character is missing from the archive.',
} as const

/** Found again by whoever needs the same part, without being written down anywhere. */
export function cutIdOf({ id, characterClip }: UpstreamSpec, clip: MediaId): MediaId {
  const digest = createHash('sha256')
    .update(JSON.stringify([clip, id, characterClip]))
    .digest('hex')
  return `media_${digest.slice(0, 26)}`
}
