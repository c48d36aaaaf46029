import type { Client } from '../../domain/accounts/client.ts'
import type { GenerationId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import type { GenerationStore, Stored } from '../../ports/generations/generation-store.ts'

/** A generation that the client may act on: its tenant's, or anybody's with the scope `operate`. */
export async function withinReach(
  store: Pick<GenerationStore, 'get'>,
  client: Client,
  id: GenerationId,
): Promise<Stored> {
  const stored = await store.get(id)
  if (stored === null || !reaches(client, stored.generation.tenant)) throw noSuchGeneration()
  return stored
}

export function reaches({ tenant, scopes }: Client, owner: string): boolean {
  return owner === tenant || scopes.includes('operate')
}

export function noSuchGeneration(): Problem {
  const detail = 'The generation does not exist, or belongs to another tenant.'
  return new Problem('not_found', detail, { faults: [{ pointer: '#/path/id', detail }] })
}
