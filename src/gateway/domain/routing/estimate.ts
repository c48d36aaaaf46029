import type { Floor } from '../accounts/client.ts'
import type { Candidate, Exclusion } from '../generation/plan.ts'
import { route } from './routing.ts'
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

const policies: ReadonlyArray<{
  policy: EstimatePolicy
  priority: RoutePolicy['priority']
  kinds: UpstreamKind[] | null
}> = [
  { policy: 'cost', priority: 'cost', kinds: null },
  { policy: 'stability', priority: 'stability', kinds: null },
  { policy: 'official_only', priority: 'cost', kinds: ['official'] },
  { policy: 'reverse_only', priority: 'cost', kinds: ['reverse'] },
]

/** The route of one such video under each policy, by the rules of every request, times their number. */
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
  return policies.map(({ policy, priority, kinds }) => {
    const decision = route(request, views, {
      priority,
      upstreams: null,
      fallback: true,
      characterFidelity: 'any',
      duration: 'nearest',
      maxCostMicros: null,
      prefer: null,
      budgetLeftMicros: null,
      allowUpstreams,
      allowModels,
      allow: allow.filter((kind) => kinds?.includes(kind) ?? true),
    })
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
function atRest(view: UpstreamView): UpstreamView {
  const closed = { state: 'closed', retryAt: null } as const
  return {
    ...view,
    breakers: { create: closed, poll: closed, fetch: closed, character: closed },
    freeSlots: null,
  }
}
