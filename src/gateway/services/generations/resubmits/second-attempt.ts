import { narrowest } from '../../../domain/accounts/client.ts'
import type { Client } from '../../../domain/accounts/client.ts'
import type { Generation } from '../../../domain/generation/generation.ts'
import { Problem } from '../../../domain/problem.ts'
import { nextCandidate } from '../../../domain/routing/next-candidate.ts'
import type { KeyAuthority } from '../../../ports/accounts/key-authority.ts'
import type { CharacterStore } from '../../../ports/characters/character-store.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { UpstreamGate } from '../../advance/upstream-gate.ts'
import { routeRequestNow } from '../../requests/route-request.ts'

export interface SecondAttemptDeps {
  gate: UpstreamGate
  characters: CharacterStore
  authority: KeyAuthority
  clock: Clock
}

/** Who would be asked next, and what that would charge at most; null where it has to wait for an upstream. */
export interface SecondAttempt {
  /** The key that made the generation, as it is now. */
  owner: Client
  upstream: string | null
  costMicros: number | null
}

/** The attempt that would follow now, by the code that starts it. Throws a Problem where none can. */
export async function secondAttempt(deps: SecondAttemptDeps, generation: Generation): Promise<SecondAttempt> {
  const { gate, authority, clock } = deps
  const key = await authority.status(generation)
  if (key.type === 'revoked')
    throw new Problem(
      'conflict',
      'The key that made this generation was revoked or expired. Nothing was sent.',
    )
  const { client: owner } = key
  const now = clock.now()
  const routed = await routeRequestNow(deps, generation.request, now)
  const views = new Map(gate.views().map((view) => [view.spec.id, view]))
  const allowed = { ...generation, ...narrowest(generation, owner) }
  const next = nextCandidate(allowed, routed, views, now)
  switch (next.type) {
    case 'start':
      return {
        owner,
        upstream: next.candidate.upstream,
        costMicros: next.candidate.estimatedCostMicros,
      }
    case 'wait':
      return { owner, upstream: null, costMicros: null }
    case 'exhausted':
      throw next.error.code === 'budget_exceeded'
        ? new Problem(
            'over_max_cost',
            'What is left of max_cost_usd is not enough for another attempt. Nothing was sent.',
          )
        : new Problem(
            'no_upstream',
            'No other upstream of the plan can take this request. Nothing was sent. Send a new request to ask upstreams that are not in `route`.',
            { extra: { excluded: generation.plan.excluded } },
          )
  }
}
