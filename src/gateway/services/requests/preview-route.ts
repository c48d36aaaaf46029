import type { Client } from '../../domain/accounts/client.ts'
import type { GenerationRequest } from '../../domain/generation/request.ts'
import { previewOf } from '../../domain/routing/preview.ts'
import type { RoutePreview } from '../../domain/routing/preview.ts'
import { planRoute } from './plan-route.ts'
import { routeRequestNow } from './route-request.ts'

/** The plan as `planRoute` makes it, with the places of the characters, and what to expect of each candidate. */
export async function previewRoute(
  ...[deps, client, request, known]: [
    deps: Parameters<typeof planRoute>[0],
    client: Client,
    request: GenerationRequest,
    known: Parameters<typeof planRoute>[3],
  ]
): Promise<RoutePreview> {
  const plan = await planRoute(deps, client, request, known)
  const { characters } = await routeRequestNow(deps, request, deps.clock.now())
  return previewOf(plan, request, characters, deps.gate.views())
}
