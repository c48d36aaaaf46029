import { monthStart } from '../../domain/accounts/client.ts'
import type { Client } from '../../domain/accounts/client.ts'
import type { RoutePlan } from '../../domain/generation/plan.ts'
import { didYouMean } from '../../domain/near-word.ts'
import { Problem } from '../../domain/problem.ts'
import type { FieldFault } from '../../domain/problem.ts'
import type { GenerationRequest } from '../../domain/generation/request.ts'
import { route } from '../../domain/routing/routing.ts'
import type { RouteRequest } from '../../domain/routing/route-request.ts'
import type { UpstreamView } from '../../domain/routing/upstream.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { Clock } from '../../ports/clock.ts'
import type { GenerationLedger } from '../../ports/generations/generation-ledger.ts'
import { checkOptions } from './check-options.ts'
import { routeRequestNow } from './route-request.ts'
import type { UpstreamGate } from '../advance/upstream-gate.ts'

/** The one way to a plan, for POST /route and POST /generate alike; throws `no_upstream` with the exclusions. */
export async function planRoute(
  deps: { gate: UpstreamGate; characters: CharacterStore; store: GenerationLedger; clock: Clock },
  client: Client,
  request: GenerationRequest,
  { referenceKind, inputs }: Pick<RouteRequest, 'referenceKind' | 'inputs'>,
): Promise<RoutePlan> {
  const views = deps.gate.views()
  checkOptions(
    inputs?.settings.options,
    views.map(({ spec }) => spec),
  )
  const routed = await routeRequestNow(deps, request, deps.clock.now())
  const budgetLeftMicros = await budgetLeft(deps, client)
  const decision = route({ ...routed, referenceKind, ...(inputs !== undefined && { inputs }) }, views, {
    ...request.routing,
    allow: client.allow,
    allowUpstreams: client.allowUpstreams,
    allowModels: client.allowModels,
    budgetLeftMicros,
  })
  if (decision.type === 'plan') {
    if (budgetLeftMicros === null || decision.plan.worstCaseCostMicros <= budgetLeftMicros)
      return decision.plan
    throw new Problem(
      'budget_exceeded',
      'The worst-case cost of this request exceeds the remaining budget of this month.',
    )
  }
  if (decision.excluded.some(({ code }) => code === 'over_budget')) {
    throw new Problem(
      'budget_exceeded',
      'The cost of this request exceeds the remaining budget of this month.',
      {
        extra: { excluded: decision.excluded },
      },
    )
  }
  throw new Problem('no_upstream', 'No configured upstream can serve this request.', {
    faults: unknownModel(views, request.model),
    extra: { excluded: decision.excluded },
  })
}

/** A model that no upstream offers is a slip of the pen or another vendor's; where it is near one that is offered, that is named. */
function unknownModel(views: readonly UpstreamView[], model: string): FieldFault[] {
  const known = views.flatMap(({ spec }) => Object.keys(spec.models))
  if (known.includes(model)) return []
  return [{ pointer: '/model', detail: `is not offered by any upstream${didYouMean(model, known)}` }]
}

/** What is left of the key's month, never below zero; null without a budget. The insert checks it again, in its transaction. */
export async function budgetLeft(
  { store, clock }: { store: GenerationLedger; clock: Clock },
  { tenant, key, monthlyBudgetMicros }: Client,
): Promise<number | null> {
  if (monthlyBudgetMicros === null) return null
  const committed = await store.committedMicros(tenant, key, monthStart(clock.now()))
  return Math.max(0, monthlyBudgetMicros - committed)
}
