import { routeRequestOf } from '../../domain/routing/next-candidate.ts'
import type { RouteRequest } from '../../domain/routing/route-request.ts'
import type { GenerationRequest } from '../../domain/generation/request.ts'
import { heldNow } from '../../domain/generation/source-mode.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { UpstreamGate } from '../advance/upstream-gate.ts'
import { characterAvailability } from '../characters/character-availability.ts'

/** A request as routing sees it at this instant (ms since the epoch): what the configured accounts know of its characters and its source. */
export async function routeRequestNow(
  {
    characters,
    gate,
  }: { characters: Pick<CharacterStore, 'get' | 'bindings'>; gate: Pick<UpstreamGate, 'accountOf'> },
  request: GenerationRequest,
  now: number,
): Promise<RouteRequest> {
  const availability = await characterAvailability(characters, request.characters, gate.accountOf, now)
  const routed = routeRequestOf(request, availability)
  return routed.source === undefined ? routed : { ...routed, source: heldNow(routed.source, gate.accountOf) }
}
