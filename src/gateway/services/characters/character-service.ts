import { seenFrom } from '../../domain/characters/binding-steps.ts'
import type { Character, CharacterClip, CharacterSource } from '../../domain/characters/character.ts'
import { characterNameRule, isCharacterName } from '../../domain/characters/character-name.ts'
import type { Client } from '../../domain/accounts/client.ts'
import { isCharacterId } from '../../domain/ids.ts'
import type { MediaId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import type { AuditLog } from '../../ports/accounts/audit-log.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { KeyAuthority } from '../../ports/accounts/key-authority.ts'
import type { MediaArchive, MediaInfo } from '../../ports/media/media-archive.ts'
import type { Upstream, UpstreamDirectory } from '../../ports/upstream.ts'
import { auditEntry } from '../accounts/audit-entry.ts'
import type { Bindings } from './bind-characters.ts'
import type { CharacterSources } from './character-sources.ts'
import type { CharacterInput, CharacterService, CharacterWithBindings } from './characters.ts'
import type { MediaIntake, StoredMedia } from '../media/media-intake.ts'
import { cutClip, obtainClip } from './obtain-clip.ts'

export interface CharacterServiceDeps {
  characters: CharacterStore
  generations: GenerationStore
  archive: MediaArchive
  intake: MediaIntake
  directory: UpstreamDirectory
  bindings: Bindings
  characterSources: CharacterSources
  audit: AuditLog
  authority: KeyAuthority
  clock: Clock
  ids: Ids
}

export function createCharacterService(deps: CharacterServiceDeps): CharacterService {
  const { characters, archive, clock } = deps

  async function withBindings(character: Character): Promise<CharacterWithBindings> {
    const bindings = await characters.bindings(character.id)
    const seen = bindings.map((binding) => {
      const upstream = deps.directory.get(binding.upstream)
      return upstream === undefined ? binding : seenFrom(binding, upstream.account)
    })
    return { character, bindings: seen }
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
      const audit = auditEntry(deps, {
        actor: client,
        action: 'character.updated',
        subject: character.id,
        data: { name: changed.name },
      })
      const outcome = await characters.update(changed, audit)
      if (outcome === 'name_taken') throw taken(changed.name)
      if (outcome === 'missing') throw notFound()
      return withBindings(changed)
    },
    async remove(client, idOrName) {
      const character = await ownCharacter(deps, client, idOrName)
      const audit = auditEntry(deps, {
        actor: client,
        action: 'character.deleted',
        subject: character.id,
        data: { name: character.name },
      })
      // Files first: if the process dies in between, the record still names them, and the call can be repeated.
      for (const { spec } of deps.directory.all()) await deps.characterSources.forget(spec, character)
      await archive.remove(character.clip.mediaId)
      await characters.remove(character.id, audit)
    },
    async clip(client, idOrName) {
      const { clip } = await ownCharacter(deps, client, idOrName)
      const { mediaId, contentType, bytes } = clip
      if ((await archive.size(mediaId)) === null) throw clipGone()
      return { clip, media: { contentType, bytes, read: (range) => archive.read(mediaId, range) } }
    },
    async thumbnail(client, idOrName) {
      const { clip } = await ownCharacter(deps, client, idOrName)
      const thumbnail = await archive.thumbnail(clip.mediaId).catch((cause: unknown) => {
        throw new Problem('overloaded', 'The image could not be created. Try again.', { cause })
      })
      if (thumbnail === null) throw clipGone()
      return { ...thumbnail, etag: `${clip.sha256}-thumbnail` }
    },
    async bind(client, idOrName, upstreams) {
      const character = await ownCharacter(deps, client, idOrName)
      await bind(deps, client, character, bindable(deps, client, upstreams))
      return withBindings(character)
    },
  }
}

/** Throws when the key ends meanwhile; what was sent until then stays. */
async function bind(
  deps: CharacterServiceDeps,
  client: Client,
  character: Character,
  chosen: readonly Upstream[],
): Promise<void> {
  // Before the first call: some upstreams charge for a character, whatever becomes of this process.
  const audit = auditEntry(deps, {
    actor: client,
    action: 'character.bind_asked',
    subject: character.id,
    data: { upstreams: chosen.map(({ spec }) => spec.id) },
  })
  await deps.audit.append(audit)
  const mayLeave = async () => (await deps.authority.status(client)).type === 'active'
  for (const upstream of chosen) {
    if (!(await mayLeave())) throw revoked()
    await deps.bindings.make(upstream, character, mayLeave)
  }
}

function revoked(): Problem {
  return new Problem('unauthorized', 'This key was revoked or has expired. Nothing more was sent.')
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
    .filter(
      ({ spec }) =>
        spec.characters === 'native' && spec.disabled !== true && client.allow.includes(spec.kind),
    )
    .filter(({ spec }) => client.allowUpstreams?.includes(spec.id) ?? true)
    .filter(({ spec }) => upstreams?.includes(spec.id) ?? true)
  const unknown = upstreams?.find((id) => !chosen.some(({ spec }) => spec.id === id))
  if (unknown === undefined) return chosen
  throw faulty(
    'validation_failed',
    '/upstreams',
    `${unknown} is not an upstream on which this key can bind characters.`,
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
    const audit = auditEntry(deps, {
      actor: client,
      action: 'character.created',
      subject: character.id,
      data: { name: character.name },
    })
    if ((await characters.insert(character, audit)) === 'name_taken') throw taken(input.name)
    return { character, bindings: [] }
  } catch (error) {
    // If the request fails, its clip is removed too.
    if (stored !== null) await archive.remove(stored.mediaId)
    throw error
  }
}

function notFound(): Problem {
  const detail = 'The character does not exist, or belongs to another tenant.'
  return new Problem('not_found', detail, { faults: [{ pointer: '#/path/id', detail }] })
}

function clipGone(): Problem {
  return new Problem('video_gone', 'The source clip of this character is not in the archive.')
}

function checkName(name: string): void {
  if (isCharacterName(name)) return
  throw faulty('validation_failed', '/name', `The name ${characterNameRule}.`)
}

function taken(name: string): Problem {
  return faulty('name_taken', '/name', `A character named ${name} already exists. Choose another name.`)
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
