import { seenFrom } from '../../domain/characters/binding-steps.ts'
import { expectedUse } from '../../domain/characters/expected-use.ts'
import { mediaOf } from '../../domain/characters/character.ts'
import type { Character } from '../../domain/characters/character.ts'
import type { Client } from '../../domain/accounts/client.ts'
import { Problem } from '../../domain/problem.ts'
import type { AuditLog } from '../../ports/accounts/audit-log.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { GenerationLedger } from '../../ports/generations/generation-ledger.ts'
import type { KeyAuthority } from '../../ports/accounts/key-authority.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import type { Upstream, UpstreamDirectory } from '../../ports/upstream.ts'
import { auditEntry } from '../accounts/audit-entry.ts'
import type { Bindings } from './bind-characters.ts'
import { characterAvailability } from './character-availability.ts'
import { createCharacterMedia } from './character-media.ts'
import { createCharacterUsage } from './character-usage.ts'
import type { CharacterSources } from './character-sources.ts'
import type { CharacterStillsOf } from './character-stills.ts'
import type { CharacterOutlook, CharacterService, CharacterWithBindings } from './characters.ts'
import { createCharacter } from './create-character.ts'
import type { MediaIntake } from '../media/media-intake.ts'
import { checkName, faulty, notFound, ownCharacter, taken } from './own-character.ts'

export interface CharacterServiceDeps {
  characters: CharacterStore
  generations: GenerationStore
  store: Pick<GenerationLedger, 'usage'>
  archive: MediaArchive
  intake: MediaIntake
  directory: UpstreamDirectory
  bindings: Bindings
  characterSources: CharacterSources
  stillsOf: CharacterStillsOf
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
      if (upstream === undefined) return { ...binding, kind: null }
      return { ...seenFrom(binding, upstream.account), kind: upstream.spec.kind }
    })
    return { character, bindings: seen }
  }

  async function outlook(client: Client, character: Character): Promise<CharacterOutlook> {
    const { directory } = deps
    const accountOf = (id: string) => directory.get(id)?.account
    const availability = await characterAvailability(characters, [character], accountOf, clock.now())
    const shown = availability(character.id)
    const expected = directory.all().map(({ spec }) => expectedUse(shown, spec, client))
    return { ...(await withBindings(character)), expected }
  }

  return {
    create: async (client, input) => outlook(client, await createCharacter(deps, client, input)),
    async list(client, { search, before, limit }) {
      const found = await characters.list({ tenant: client.tenant, search, before, limit: limit + 1 })
      const data = []
      for (const character of found.slice(0, limit)) data.push(await withBindings(character))
      return { data, hasMore: found.length > limit }
    },
    get: async (client, idOrName) => outlook(client, await ownCharacter(deps, client, idOrName)),
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
      return outlook(client, changed)
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
      for (const mediaId of mediaOf(character)) await archive.remove(mediaId)
      await characters.remove(character.id, audit)
    },
    ...createCharacterMedia(deps),
    usage: createCharacterUsage(deps),
    async bind(client, idOrName, upstreams) {
      const character = await ownCharacter(deps, client, idOrName)
      await bind(deps, client, character, bindable(deps, client, upstreams))
      return outlook(client, character)
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
    await deps.bindings.make(upstream, character, { key: client.key, mayLeave })
  }
}

function revoked(): Problem {
  return new Problem('unauthorized', 'This key was revoked or has expired. Nothing more was sent.')
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
