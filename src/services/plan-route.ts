import type { Client } from '../domain/client.ts'
import { routeRequestOf } from '../domain/next-candidate.ts'
import type { RoutePlan } from '../domain/plan.ts'
import { Problem } from '../domain/problem.ts'
import type { GenerationRequest } from '../domain/request.ts'
import { route } from '../domain/routing.ts'
import type { ReferenceKind } from '../domain/upstream.ts'
import type { CharacterStore } from '../ports/character-store.ts'
import { boundUpstreams } from './bound-upstreams.ts'
import type { UpstreamGate } from './upstream-gate.ts'

/** The one way to a plan, for POST /route and POST /generate alike; throws `no_upstream` with the exclusions. */
export async function planRoute(
  deps: { gate: UpstreamGate; characters: CharacterStore },
  client: Client,
  request: GenerationRequest,
  referenceKind: ReferenceKind | null,
): Promise<RoutePlan> {
  const bound = await boundUpstreams(deps.characters, request.characters)
  const decision = route({ ...routeRequestOf(request, bound), referenceKind }, deps.gate.views(), {
    ...request.routing,
    allow: client.allow,
    budgetLeftMicros: null,
  })
  if (decision.type === 'plan') return decision.plan
  throw new Problem('no_upstream', 'No configured upstream can take this request.', {
    extra: { excluded: decision.excluded },
  })
}
