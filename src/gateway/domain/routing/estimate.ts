import type { Floor } from '../accounts/client.ts'
import type { Candidate, Exclusion } from '../generation/plan.ts'
import { route } from './routing.ts'
import type { RouteDecision } from './routing.ts'
import type { RoutePolicy, RouteRequest } from './route-request.ts'
import type { Shape, Size, UpstreamKind, UpstreamView } from './upstream.ts'

/** So many videos of one sort, each with so many characters. */
export interface Workload {
  count: number
  model: string
  durationSeconds: number
  size: Size | Shape
  characters: number
}

export const estimatePolicies = ['cost', 'stability', 'official_only', 'reverse_only'] as const
export type EstimatePolicy = (typeof estimatePolicies)[number]

/** What a workload costs under one policy, if nothing fails; `candidate` is null where no upstream can take it. */
export interface Estimate {
  policy: EstimatePolicy
  candidate: Candidate | null
  /** Micro-dollars for the whole workload; null without a candidate. */
  totalMicros: number | null
  excluded: Exclusion[]
}

interface PolicyRule {
  policy: EstimatePolicy
  priority: RoutePolicy['priority']
  kinds: UpstreamKind[] | null
}

export const policyRules: readonly PolicyRule[] = [
  { policy: 'cost', priority: 'cost', kinds: null },
  { policy: 'stability', priority: 'stability', kinds: null },
  { policy: 'official_only', priority: 'cost', kinds: ['official'] },
  { policy: 'reverse_only', priority: 'cost', kinds: ['reverse'] },
]

/** What holds whatever the policy: the floor of the key, and what a request insists on. */
export type Demands = Floor & Pick<RoutePolicy, 'characterFidelity' | 'duration'>

/** The route of one request under a policy, by the rules of every request. */
export function routeUnder(
  { priority, kinds }: PolicyRule,
  request: RouteRequest,
  views: readonly UpstreamView[],
  demands: Demands,
): RouteDecision {
  return route(request, views, {
    priority,
    upstreams: null,
    fallback: true,
    maxCostMicros: null,
    prefer: null,
    budgetLeftMicros: null,
    characterFidelity: demands.characterFidelity,
    duration: demands.duration,
    allowUpstreams: demands.allowUpstreams,
    allowModels: demands.allowModels,
    allow: demands.allow.filter((kind) => kinds?.includes(kind) ?? true),
  })
}

/** The route of one such video under each policy, times their number. */
export function estimate(
  workload: Workload,
  upstreams: readonly UpstreamView[],
  { allow, allowUpstreams, allowModels }: Floor,
): Estimate[] {
  const request: RouteRequest = {
    model: workload.model,
    durationSeconds: workload.durationSeconds,
    size: workload.size,
    referenceKind: null,
    characters: Array.from({ length: workload.characters }, () => ({ boundOn: [], failedOn: [] })),
    // A workload has no prompt yet.
    promptCharacters: { native: 0, reference: 0 },
  }
  const views = upstreams.map(atRest)
  const demands: Demands = {
    allow,
    allowUpstreams,
    allowModels,
    characterFidelity: 'any',
    duration: 'nearest',
  }
  return policyRules.map((rule) => {
    const { policy } = rule
    const decision = routeUnder(rule, request, views, demands)
    if (decision.type === 'refusal') {
      return { policy, candidate: null, totalMicros: null, excluded: decision.excluded }
    }
    const { candidates, estimatedCostMicros, excluded } = decision.plan
    return {
      policy,
      candidate: candidates[0] ?? null,
      totalMicros: estimatedCostMicros * workload.count,
      excluded,
    }
  })
}

/** A monthly estimate does not depend on breakers or capacity at this moment. */
export function atRest(view: UpstreamView): UpstreamView {
  const closed = { state: 'closed', retryAt: null } as const
  return {
    ...view,
    breakers: { create: closed, poll: closed, fetch: closed, character: closed },
    freeSlots: null,
  }
}
