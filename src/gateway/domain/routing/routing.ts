import type { Exclusion, RoutePlan } from '../generation/plan.ts'
import { compareFacts } from './comparators.ts'
import { evaluateFacts } from './evaluation/evaluate.ts'
import { factsOf } from './evaluation/facts.ts'
import type { RoutePolicy, RouteRequest } from './route-request.ts'
import type { UpstreamView } from './upstream.ts'

export type RouteDecision = { type: 'plan'; plan: RoutePlan } | { type: 'refusal'; excluded: Exclusion[] }

/**
 * Chooses the upstreams for a request, best first: `filters` and `passingFilters` say who is left out, `comparators` in which
 * order the others stand. Pure, total and deterministic: whatever it depends on arrives as data.
 * A refusal means that no configured upstream could ever take this request under this policy.
 */
export function route(
  request: RouteRequest,
  upstreams: readonly UpstreamView[],
  policy: RoutePolicy,
): RouteDecision {
  const evaluations = upstreams
    .map((view) => factsOf(request, view, policy))
    .toSorted(compareFacts)
    .map(evaluateFacts)
  const excluded = evaluations
    .flatMap((evaluation) => (evaluation.type === 'candidate' ? [] : [evaluation.exclusion]))
    .toSorted((a, b) => (a.upstream < b.upstream ? -1 : 1))
  const available = evaluations.flatMap((evaluation) =>
    evaluation.type === 'candidate' ? [evaluation.candidate] : [],
  )
  const waiting = evaluations.flatMap((evaluation) =>
    evaluation.type === 'passing' ? [evaluation.candidate] : [],
  )
  if (available.length + waiting.length === 0) return { type: 'refusal', excluded }

  const candidates = policy.fallback ? available : available.slice(0, 1)
  const standby = policy.fallback ? waiting : available.length > 0 ? [] : waiting.slice(0, 1)
  const worst = [...candidates, ...standby].reduce(
    (sum, { estimatedCostMicros }) => sum + estimatedCostMicros,
    0,
  )
  return {
    type: 'plan',
    plan: {
      priority: policy.priority,
      candidates,
      standby,
      excluded,
      estimatedCostMicros: (candidates[0] ?? standby[0])?.estimatedCostMicros ?? 0,
      worstCaseCostMicros: policy.maxCostMicros === null ? worst : Math.min(worst, policy.maxCostMicros),
    },
  }
}
