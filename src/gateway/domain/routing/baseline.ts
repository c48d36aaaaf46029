import type { RoutePlan } from '../generation/plan.ts'
import { evaluate } from './evaluation/evaluate.ts'
import type { RoutePolicy, RouteRequest } from './route-request.ts'
import type { UpstreamKind, UpstreamView } from './upstream.ts'
import { upstreamKinds } from './upstream.ts'

/** What the same work would have cost elsewhere, as of when an attempt started; in micro-dollars. */
export interface Baseline {
  /** The cheapest candidate of the plan, those in standby included: what is paid above it is paid for stability. */
  cheapestMicros: number
  /** Official upstreams alone; where none could do it, the dearest kind that could. */
  officialMicros: number
}

/** Ignores permissions, cost limits and the current state: every configured upstream that can do it. */
const anyone: RoutePolicy = {
  priority: 'cost',
  upstreams: null,
  prefer: null,
  fallback: true,
  characterFidelity: 'any',
  duration: 'nearest',
  maxCostMicros: null,
  budgetLeftMicros: null,
  allow: [...upstreamKinds],
  allowUpstreams: null,
  allowModels: null,
}

/** `ownMicros` is the price of the attempt itself, which stands in where there is nothing to compare with. */
export function baselineOf(
  plan: Pick<RoutePlan, 'candidates' | 'standby'>,
  request: RouteRequest,
  upstreams: readonly UpstreamView[],
  ownMicros: number,
): Baseline {
  const planned = [...plan.candidates, ...plan.standby].map((candidate) => candidate.estimatedCostMicros)
  const byKind = cheapestByKind(request, upstreams)
  return {
    cheapestMicros: Math.min(ownMicros, ...planned),
    officialMicros: byKind.get('official') ?? Math.max(ownMicros, ...byKind.values()),
  }
}

function cheapestByKind(
  request: RouteRequest,
  upstreams: readonly UpstreamView[],
): Map<UpstreamKind, number> {
  const cheapest = new Map<UpstreamKind, number>()
  for (const view of upstreams) {
    const evaluation = evaluate(request, view, anyone)
    if (evaluation.type === 'excluded') continue
    const { kind, estimatedCostMicros } = evaluation.candidate
    cheapest.set(kind, Math.min(estimatedCostMicros, cheapest.get(kind) ?? Infinity))
  }
  return cheapest
}
