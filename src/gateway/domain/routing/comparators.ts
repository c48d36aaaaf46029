import type { Priority } from '../generation/request.ts'
import type { SourceMode } from '../generation/source-mode.ts'
import type { Facts } from './evaluation/facts.ts'

/** Puts upstreams that can take a request in order. */
export interface Comparator {
  name: string
  /** The one priority for which it counts; absent: for both. */
  priority?: Priority
  /** The lower rank goes first; equal ranks are left to the comparators after it. */
  rank: (facts: Facts) => number
}

/** The original before a copy of it, and either before something that only resembles it. */
const distances: Record<SourceMode, number> = { held: 0, file: 1, reference: 2 }

/** In this order: the first one that tells two upstreams apart decides. Where none does, the id decides. */
export const comparators: readonly Comparator[] = [
  {
    name: 'upstream of the preferred generation',
    rank: ({ policy, spec }) => Number(policy.prefer !== null && policy.prefer.upstream !== spec.id),
  },
  {
    name: 'native characters',
    rank: ({ fidelity, spec }) =>
      fidelity === 'reference' ? 2 : Number(fidelity === 'inline' && spec.characters === 'stills'),
  },
  {
    name: 'closeness to the source video',
    rank: ({ sourceMode }) => (sourceMode === null ? 0 : distances[sourceMode]),
  },
  {
    name: 'official and self-hosted',
    priority: 'stability',
    rank: ({ spec }) => Number(spec.kind === 'reverse'),
  },
  {
    name: 'exact length',
    rank: ({ durationSeconds, request }) => Number(durationSeconds !== request.durationSeconds),
  },
  {
    name: 'price',
    priority: 'cost',
    rank: ({ estimatedCostMicros }) => estimatedCostMicros,
  },
  // An upstream without measurements counts as good, so that it receives its first requests.
  {
    name: 'success rate',
    rank: ({ view }) => -(view.successRate ?? 1),
  },
  {
    name: 'latency',
    rank: ({ view }) => view.latencyMs ?? 0,
  },
]

/** Negative where `a` goes before `b`. Both belong to the same request and policy. */
export function compareFacts(a: Facts, b: Facts): number {
  for (const { priority, rank } of comparators) {
    if (priority !== undefined && priority !== a.policy.priority) continue
    const difference = rank(a) - rank(b)
    if (difference !== 0) return difference
  }
  return a.spec.id < b.spec.id ? -1 : 1
}
