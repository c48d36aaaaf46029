import { tighterBudget } from '../../domain/accounts/budget.ts'
import type { BudgetLeft } from '../../domain/accounts/budget.ts'
import { monthStart } from '../../domain/accounts/client.ts'
import type { Client } from '../../domain/accounts/client.ts'
import type { RoutePlan } from '../../domain/generation/plan.ts'
import { didYouMean } from '../../domain/near-word.ts'
import { Problem } from '../../domain/problem.ts'
import type { FieldFault } from '../../domain/problem.ts'
import type { GenerationRequest } from '../../domain/generation/request.ts'
import type { RouteRequest } from '../../domain/routing/route-request.ts'
import type { UpstreamView } from '../../domain/routing/upstream.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { Clock } from '../../ports/clock.ts'
import type { GenerationLedger } from '../../ports/generations/generation-ledger.ts'
import { budgetExceeded } from '../usage/budget-exceeded.ts'
import { checkOptions } from './check-options.ts'
import { createRememberedRoutes } from './remembered-routes.ts'
import { routeRequestNow } from './route-request.ts'
import type { UpstreamGate } from '../advance/upstream-gate.ts'

const route = createRememberedRoutes()

/** The one way to a plan, for POST /route and POST /generate alike; throws `no_upstream` with the exclusions. */
export async function planRoute(
  deps: { gate: UpstreamGate; characters: CharacterStore; store: GenerationLedger; clock: Clock },
  client: Client,
  request: GenerationRequest,
  { referenceKind, inputs }: Pick<RouteRequest, 'referenceKind' | 'inputs'>,
): Promise<RoutePlan> {
  await deps.gate.countSpend('capped')
  const views = deps.gate.views()
  checkOptions(
    inputs?.settings.options,
    views.map(({ spec }) => spec),
  )
  const routed = await routeRequestNow(deps, request, deps.clock.now())
  const left = await budgetLeft(deps, client)
  const decision = route({ ...routed, referenceKind, ...(inputs !== undefined && { inputs }) }, views, {
    ...request.routing,
    allow: client.allow,
    allowUpstreams: client.allowUpstreams,
    allowModels: client.allowModels,
    budgetLeftMicros: left === null ? null : left.micros,
  })
  if (decision.type === 'plan') {
    if (left === null || decision.plan.worstCaseCostMicros <= left.micros) return decision.plan
    throw budgetExceeded(client, left.owner, 'The worst-case cost of this request')
  }
  if (left !== null && decision.excluded.some(({ code }) => code === 'over_budget')) {
    throw budgetExceeded(client, left.owner, 'The cost of this request', { excluded: decision.excluded })
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

/**
 * What is left of the month: of the key's budget or of its tenant's, whichever is less; null if neither has one. The insert checks
 * both again, in its transaction.
 */
export async function budgetLeft(
  { store, clock }: { store: GenerationLedger; clock: Clock },
  { tenant, key, monthlyBudgetMicros }: Client,
): Promise<BudgetLeft | null> {
  const month = monthStart(clock.now())
  const ofTenant = await store.tenantBudget(tenant, month)
  if (monthlyBudgetMicros === null) return tighterBudget(null, ofTenant)
  const committedMicros = await store.committedMicros(tenant, key, month)
  return tighterBudget({ monthlyBudgetMicros, committedMicros }, ofTenant)
}
