import type { Character, CharacterClip, CharacterSource } from '../domain/character.ts'
import { isCharacterName } from '../domain/character.ts'
import type { Client } from '../domain/client.ts'
import { isCharacterId } from '../domain/ids.ts'
import type { MediaId } from '../domain/ids.ts'
import { Problem } from '../domain/problem.ts'
import type { CharacterStore } from '../ports/character-store.ts'
import type { Clock, Ids } from '../ports/clock.ts'
import type { GenerationStore } from '../ports/generation-store.ts'
import type { MediaArchive, MediaInfo } from '../ports/media-archive.ts'
import type { Upstream, UpstreamDirectory } from '../ports/upstream.ts'
import type { Bindings } from './bind-characters.ts'
import type { CharacterSources } from './character-sources.ts'
import type { CharacterInput, CharacterService, CharacterWithBindings } from './characters.ts'
import { refusedMedia, storageFull } from './media-intake.ts'
import type { MediaIntake, StoredMedia } from './media-intake.ts'

export interface CharacterServiceDeps {
  characters: CharacterStore
  generations: GenerationStore
  archive: MediaArchive
  intake: MediaIntake
  directory: UpstreamDirectory
  bindings: Bindings
  characterSources: CharacterSources
  clock: Clock
  ids: Ids
}

const cutMs = 60_000
/** Containers state durations rounded to a frame. */
const endSlackSeconds = 0.05

export function createCharacterService(deps: CharacterServiceDeps): CharacterService {
  const { characters, archive, clock } = deps

  async function withBindings(character: Character): Promise<CharacterWithBindings> {
    return { character, bindings: await characters.bindings(character.id) }
  }

  return {
    create: (client, input) => createCharacter(deps, client, input),
    async list(client, { search, before, limit }) {
      const found = await characters.list({ tenant: client.tenant, search, before, limit: limit + 1 })
      const data = []
      for (const character of found.slice(0, limit)) data.push(await withBindings(character))
      return { data, hasMore: found.length > limit }
    },
    get: async (client, idOrName) => withBindings(await ownCharacter(deps, client, idOrName)),
    async update(client, idOrName, { name, description }) {
      if (name !== null) checkName(name)
      const character = await ownCharacter(deps, client, idOrName)
      const { label, ...rest } = character
      const changed: Character = {
        ...rest,
        ...(label !== undefined && name === null && { label }),
        name: name ?? character.name,
        description: description ?? character.description,
        updatedAt: clock.now(),
      }
      const outcome = await characters.update(changed)
      if (outcome === 'name_taken') throw taken(changed.name)
      if (outcome === 'missing') throw notFound()
      return withBindings(changed)
    },
    async remove(client, idOrName) {
      const character = await ownCharacter(deps, client, idOrName)
      // Files first: if the process dies in between, the record still names them, and the call can be repeated.
      for (const { spec } of deps.directory.all()) await deps.characterSources.forget(spec, character)
      await archive.remove(character.clip.mediaId)
      await characters.remove(character.id)
    },
    async clip(client, idOrName) {
      const { clip } = await ownCharacter(deps, client, idOrName)
      const { mediaId, contentType, bytes } = clip
      if ((await archive.size(mediaId)) === null) throw clipGone()
      return { clip, media: { contentType, bytes, read: (range) => archive.read(mediaId, range) } }
    },
    async poster(client, idOrName) {
      const { clip } = await ownCharacter(deps, client, idOrName)
      const poster = await archive.poster(clip.mediaId).catch((cause: unknown) => {
        throw new Problem('overloaded', 'The picture could not be made now; try again.', { cause })
      })
      if (poster === null) throw clipGone()
      return { ...poster, etag: `${clip.sha256}-poster` }
    },
    async bind(client, idOrName, upstreams) {
      const character = await ownCharacter(deps, client, idOrName)
      for (const upstream of bindable(deps, client, upstreams)) {
        await deps.bindings.make(upstream, character)
      }
      return withBindings(character)
    },
  }
}

async function ownCharacter(
  { characters }: CharacterServiceDeps,
  client: Client,
  idOrName: string,
): Promise<Character> {
  const character = isCharacterId(idOrName)
    ? await characters.get(idOrName)
    : await characters.getByName(client.tenant, idOrName)
  if (character === null || character.tenant !== client.tenant) throw notFound()
  return character
}

function bindable(
  { directory }: CharacterServiceDeps,
  client: Client,
  upstreams: string[] | null,
): Upstream[] {
  const chosen = directory
    .all()
    .filter(({ spec }) => spec.characters === 'native' && client.allow.includes(spec.kind))
    .filter(({ spec }) => upstreams?.includes(spec.id) ?? true)
  const unknown = upstreams?.find((id) => !chosen.some(({ spec }) => spec.id === id))
  if (unknown === undefined) return chosen
  throw faulty(
    'validation_failed',
    '/upstreams',
    `${unknown} is no upstream on which this key can bind characters.`,
  )
}

async function createCharacter(
  deps: CharacterServiceDeps,
  client: Client,
  input: CharacterInput,
): Promise<CharacterWithBindings> {
  const { characters, archive, clock, ids } = deps
  let stored: StoredMedia | null = input.source.type === 'upload' ? input.source.stored : null
  try {
    checkName(input.name)
    if ((await characters.getByName(client.tenant, input.name)) !== null) throw taken(input.name)
    stored = await obtainClip(deps, client, input)
    stored = await cutClip(deps, stored, input.clip)
    const now = clock.now()
    const character: Character = {
      id: ids.character(),
      tenant: client.tenant,
      name: input.name,
      ...(input.label !== undefined && { label: input.label }),
      description: input.description,
      source: sourceOf(input),
      clip: clipOf(stored.mediaId, stored.info),
      createdAt: now,
      updatedAt: now,
    }
    if ((await characters.insert(character)) === 'name_taken') throw taken(input.name)
    return { character, bindings: [] }
  } catch (error) {
    // Nothing is stored half: the clip of a request that came to nothing goes too.
    if (stored !== null) await archive.remove(stored.mediaId)
    throw error
  }
}

/** The source clip in the archive, under an id of the character's own. */
async function obtainClip(
  { generations, archive, intake, ids }: CharacterServiceDeps,
  client: Client,
  { source }: CharacterInput,
): Promise<StoredMedia> {
  switch (source.type) {
    case 'upload':
      return source.stored
    case 'url':
      return intake.fromUrl(source.url, ['video'], '/video_url')
    case 'generation': {
      const generation = (await generations.get(source.generationId))?.generation
      if (generation?.tenant !== client.tenant) {
        throw faulty('not_found', '/generation_id', 'There is no such generation.')
      }
      const { video } = generation
      if (video === null) throw faulty('video_not_ready', '/generation_id', 'This generation has no video.')
      const mediaId = ids.media()
      const outcome = await archive.copy(video.mediaId, mediaId)
      if (outcome === 'no_space') throw storageFull()
      if (outcome === 'missing') {
        throw faulty('video_gone', '/generation_id', 'The video of this generation is no longer kept.')
      }
      return { mediaId, info: { ...video, kind: 'video' } }
    }
  }
}

async function cutClip(
  { archive, ids }: CharacterServiceDeps,
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

function notFound(): Problem {
  const detail = 'There is no such character.'
  return new Problem('not_found', detail, { faults: [{ pointer: '#/path/id', detail }] })
}

function clipGone(): Problem {
  return new Problem('video_gone', 'The clip of this character is missing from the archive.')
}

function checkName(name: string): void {
  if (isCharacterName(name)) return
  throw faulty(
    'validation_failed',
    '/name',
    'Lower-case letters, digits and _, starting with a letter, at most 40, and not starting with char_.',
  )
}

function taken(name: string): Problem {
  return faulty('name_taken', '/name', `There is a character named ${name} already.`)
}

function faulty(code: Problem['code'], pointer: string, detail: string): Problem {
  return new Problem(code, detail, { faults: [{ pointer, detail }] })
}

function sourceOf({ source }: CharacterInput): CharacterSource {
  switch (source.type) {
    case 'upload':
      return { type: 'upload', fileName: source.fileName }
    case 'url':
    case 'generation':
      return source
  }
}

function clipOf(mediaId: MediaId, info: Omit<MediaInfo, 'kind'>): CharacterClip {
  const { contentType, bytes, sha256, width, height, durationSeconds } = info
  return { mediaId, contentType, bytes, sha256, width, height, durationSeconds: durationSeconds ?? 0 }
}
