import type { Client } from '../../domain/accounts/client.ts'
import { observes, viewOf } from '../../domain/accounts/view.ts'
import type { View } from '../../domain/accounts/view.ts'
import { lookedForUntil } from '../../domain/attempts/watched.ts'
import type { AttemptState } from '../../domain/generation/generation.ts'
import { createdBefore } from '../../domain/generation/search/generation-filter.ts'
import type { GenerationFilter } from '../../domain/generation/search/generation-filter.ts'
import { isCharacterId } from '../../domain/ids.ts'
import type { CharacterId, GenerationId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { Clock } from '../../ports/clock.ts'
import type {
  GenerationCounts,
  GenerationSearch,
  ListPage,
  SearchFilter,
} from '../../ports/generations/generation-search.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { NoteView, ViewedPart } from '../operations/view-audit.ts'

export interface Listing {
  filter: GenerationFilter
  before: GenerationId | null
  oldestFirst: boolean
  limit: number
}

/** Reads as the tenant that a generation belongs to. */
export interface Reader {
  as: Client
  view: View
}

/** The first of the attempts of which nobody knows what became. Instants are ms since the epoch. */
export interface OldestUncertain {
  generation: GenerationId
  startedAt: number
  /** Null once its upstream is not asked about it any more. */
  lookedForUntil: number | null
}

export interface ViewedCounts extends GenerationCounts {
  /** By state; a state without attempts has none. */
  oldest: ReadonlyMap<AttemptState, OldestUncertain>
}

/**
 * Generations of all tenants, for keys that observe or operate, and the own ones for all others. What is read of other
 * tenants is in the audit log.
 */
export interface GenerationViews {
  list(client: Client, listing: Listing): Promise<ListPage>
  counts(client: Client, filter: GenerationFilter): Promise<ViewedCounts>
  /** Throws `not_found` for what the key may not see, and `forbidden` for media of which it sees the outline only. */
  open(client: Client, id: GenerationId, part: ViewedPart): Promise<Reader>
}

export function createGenerationViews(deps: {
  store: GenerationStore & GenerationSearch
  characters: CharacterStore
  clock: Clock
  noteView: NoteView
  /** How long unknown and abandoned attempts are looked for. May change at any time. */
  routing: { readonly watchMs: number }
}): GenerationViews {
  const { store, noteView } = deps
  return {
    async list(client, { filter, ...page }) {
      const seen = await seenFilter(deps, client, filter)
      await noteList(noteView, client, seen)
      return store.list({ ...page, filter: seen })
    },
    async counts(client, filter) {
      const seen = await seenFilter(deps, client, filter)
      await noteList(noteView, client, seen)
      const counts = await store.counts(seen)
      return { ...counts, oldest: await oldestOf(deps, counts) }
    },
    async open(client, id, part) {
      // The own ones are checked where they are read.
      if (!observes(client)) return { as: client, view: 'whole' }
      const tenant = (await store.current(id))?.generation.tenant
      if (tenant === undefined) return { as: client, view: 'outline' }
      const view = viewOf(client, tenant)
      if (view !== 'whole' && (part === 'video' || part === 'thumbnail')) throw mediaForbidden()
      if (tenant !== client.tenant) await noteView(client, { subject: id, tenant, part })
      return { as: { ...client, tenant }, view }
    },
  }
}

async function oldestOf(
  { store, routing }: { store: Pick<GenerationStore, 'get'>; routing: { readonly watchMs: number } },
  { uncertain }: GenerationCounts,
): Promise<Map<AttemptState, OldestUncertain>> {
  const found = new Map<AttemptState, OldestUncertain>()
  for (const [state, { oldest }] of uncertain) {
    const generation = oldest && (await store.get(oldest))?.generation
    // It may have changed, or be gone, since it was counted.
    const attempt = generation?.attempts.find((each) => each.state === state)
    if (generation == null || attempt === undefined) continue
    const until = lookedForUntil(generation, attempt, routing.watchMs)
    found.set(state, { generation: generation.id, startedAt: attempt.startedAt, lookedForUntil: until })
  }
  return found
}

async function noteList(noteView: NoteView, client: Client, { tenant }: SearchFilter): Promise<void> {
  if (tenant !== client.tenant) await noteView(client, { subject: null, tenant, part: 'list' })
}

/** The filter as far as the key may see; throws `forbidden` for what it may not. */
export async function seenFilter(
  { characters, clock }: { characters: CharacterStore; clock: Clock },
  client: Client,
  { character, olderThanMs, ...filter }: GenerationFilter,
): Promise<SearchFilter> {
  const tenant = observes(client) ? filter.tenant : (filter.tenant ?? client.tenant)
  if (tenant !== null && viewOf(client, tenant) === 'none')
    throw new Problem(
      'forbidden',
      'Generations of other tenants require an API key with the scope observe or operate. Leave `tenant` out to list your own.',
    )
  if (filter.words.length > 0) checkWords(client, tenant)
  const named = character === null ? null : await charactersNamed(characters, tenant, character)
  const now = clock.now()
  const before = createdBefore({ createdTo: filter.createdTo, olderThanMs }, now)
  const createdTo = before === Infinity ? null : before
  return { ...filter, tenant, createdTo, characters: named, now }
}

/** A search would tell, word by word, what it does not show. */
function checkWords(client: Client, tenant: string | null): void {
  const isShown =
    tenant === null ? client.scopes.includes('operate_prompts') : viewOf(client, tenant) === 'whole'
  if (isShown) return
  throw new Problem(
    'forbidden',
    'Searching the prompts of other tenants requires an API key with the scope operate_prompts. Leave `q` out, or send your own tenant as `tenant`.',
  )
}

async function charactersNamed(
  characters: CharacterStore,
  tenant: string | null,
  idOrName: string,
): Promise<CharacterId[]> {
  if (isCharacterId(idOrName)) return [idOrName]
  const ids = await characters.idsByName(tenant, idOrName)
  if (ids.length > 0) return ids
  const detail = 'The character does not exist, or belongs to another tenant.'
  throw new Problem('not_found', detail, { faults: [{ pointer: '#/query/character', detail }] })
}

function mediaForbidden(): Problem {
  return new Problem(
    'forbidden',
    'Media of other tenants require an API key with the scope operate_prompts as well.',
  )
}
