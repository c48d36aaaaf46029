import type { Client } from '../../../domain/accounts/client.ts'
import type { GenerationFilter } from '../../../domain/generation/search/generation-filter.ts'
import { generationStatuses } from '../../../domain/generation/history.ts'
import { isTerminal } from '../../../domain/generation/liveness.ts'
import type { GenerationId } from '../../../domain/ids.ts'
import type { Json } from '../../../domain/json.ts'
import { Problem } from '../../../domain/problem.ts'
import type { CharacterStore } from '../../../ports/characters/character-store.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { GenerationSearch } from '../../../ports/generations/generation-search.ts'
import { seenFilter } from '../generation-views.ts'

export interface OpenMatchesDeps {
  store: Pick<GenerationSearch, 'list'>
  characters: CharacterStore
  clock: Clock
}

/** The most that one call cancels; more take a narrower filter. */
const mostMatches = 5000
const perPage = 100
/** Queued ones first: one that starts meanwhile is found as in progress. */
const openStatuses = generationStatuses.filter((status) => !isTerminal({ status }))

/** What matches, has not ended, and may be cancelled by the client: the own ones, or anybody's with the scope `operate`. */
export async function openMatches(
  deps: OpenMatchesDeps,
  client: Client,
  filter: GenerationFilter,
): Promise<GenerationId[]> {
  const seen = await seenFilter(deps, client, { ...filter, tenant: tenantOf(client, filter) })
  const found = new Set<GenerationId>()
  for (const status of openStatuses.filter((each) => seen.status === null || seen.status === each)) {
    let before: GenerationId | null = null
    do {
      const page = await deps.store.list({ filter: { ...seen, status }, before, limit: perPage })
      for (const { id } of page.data) found.add(id)
      if (found.size > mostMatches) throw tooMany()
      before = page.next
    } while (before !== null)
  }
  return [...found].toSorted()
}

/** Keys that only observe see more than they may cancel. */
function tenantOf({ tenant, scopes }: Client, filter: GenerationFilter): string | null {
  if (scopes.includes('operate')) return filter.tenant
  if (filter.tenant === null || filter.tenant === tenant) return tenant
  throw new Problem('forbidden', 'Generations of other tenants require an API key with the scope operate.', {
    faults: [{ pointer: '/filter/tenant', detail: 'requires the scope operate' }],
  })
}

function tooMany(): Problem {
  return new Problem(
    'conflict',
    `More than ${mostMatches} generations match. Nothing was cancelled. Narrow the filter, for example by tenant, upstream or time.`,
  )
}

/** The conditions of a filter for the audit log, which holds no words of prompts. */
export function conditionsOf({ words, metadata, attention, ...rest }: GenerationFilter): {
  [name: string]: Json
} {
  const said = Object.entries(rest).filter(([, value]) => value !== null)
  return {
    ...Object.fromEntries(said),
    ...(metadata.length > 0 && { metadata: Object.fromEntries(metadata) }),
    ...(attention && { attention }),
    ...(words.length > 0 && { words: words.length }),
  }
}
