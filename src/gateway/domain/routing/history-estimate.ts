import { noMoney, sumOfMoney } from '../generation/money.ts'
import type { Money } from '../generation/money.ts'
import { atRest, policyRules, routeUnder } from './estimate.ts'
import type { Demands, EstimatePolicy } from './estimate.ts'
import type { RouteRequest } from './route-request.ts'
import type { UpstreamKind, UpstreamView } from './upstream.ts'

/** One delivered video: what was asked, what holds under every policy, and what it really cost. */
export interface PastWork {
  request: RouteRequest
  demands: Demands
  money: Money
}

/** Where a policy sends one video, and for how many micro-dollars; null where no upstream can take it. */
interface Choice {
  upstream: string
  kind: UpstreamKind
  micros: number
}

/** One past video under each policy. */
export interface PastChoices {
  choices: ReadonlyMap<EstimatePolicy, Choice | null>
  money: Money
}

export interface UpstreamShare {
  upstream: string
  kind: UpstreamKind
  count: number
  totalMicros: number
}

/** What past videos would have cost under one policy, if nothing had failed. */
export interface HistoryEstimate {
  policy: EstimatePolicy
  /** Videos that no upstream could have taken; they are in no sum. */
  unserved: number
  /** Micro-dollars; null if no video could have been taken. */
  totalMicros: number | null
  /** Against `official_only`, over the videos that both could have taken; null if there is none. */
  savingMicros: number | null
  /** The upstreams that would have taken them, the one with most videos first. */
  upstreams: UpstreamShare[]
}

/** What was really paid for the same videos, failed attempts included. */
export interface HistorySums {
  count: number
  money: Money
  estimates: HistoryEstimate[]
}

/** Decides at today's prices and as if every configured upstream were well. */
export function choicesFor(work: PastWork, upstreams: readonly UpstreamView[]): PastChoices {
  const views = upstreams.map(atRest)
  const choices = policyRules.map((rule): [EstimatePolicy, Choice | null] => {
    const decision = routeUnder(rule, work.request, views, work.demands)
    if (decision.type === 'refusal') return [rule.policy, null]
    const { candidates, standby } = decision.plan
    const first = candidates[0] ?? standby[0]
    if (first === undefined) return [rule.policy, null]
    return [rule.policy, { upstream: first.upstream, kind: first.kind, micros: first.estimatedCostMicros }]
  })
  return { choices: new Map(choices), money: work.money }
}

/**
 * The sums over past videos. `total` is how many there were: where these are only a sample of them, every figure is
 * scaled up.
 */
export function sumHistory(works: readonly PastChoices[], total: number): HistorySums {
  const factor = works.length === 0 ? 1 : total / works.length
  const scale = (figure: number): number => Math.round(figure * factor)
  const money = sumOfMoney([noMoney, ...works.map((work) => work.money)])
  return {
    count: total,
    money: {
      paidMicros: scale(money.paidMicros),
      mayStillBeChargedMicros: scale(money.mayStillBeChargedMicros),
      paidWithoutVideoMicros: scale(money.paidWithoutVideoMicros),
    },
    estimates: policyRules.map(({ policy }) => estimateOf(policy, works, scale)),
  }
}

function estimateOf(
  policy: EstimatePolicy,
  works: readonly PastChoices[],
  scale: (figure: number) => number,
): HistoryEstimate {
  const served = works.flatMap(({ choices }) => choices.get(policy) ?? [])
  const compared = works.flatMap(({ choices }) => {
    const [own, official] = [choices.get(policy), choices.get('official_only')]
    return own && official ? [official.micros - own.micros] : []
  })
  return {
    policy,
    unserved: scale(works.length - served.length),
    totalMicros: served.length === 0 ? null : scale(sum(served.map(({ micros }) => micros))),
    savingMicros: compared.length === 0 ? null : scale(sum(compared)),
    upstreams: sharesOf(served).map((share) => ({
      ...share,
      count: scale(share.count),
      totalMicros: scale(share.totalMicros),
    })),
  }
}

function sharesOf(choices: readonly Choice[]): UpstreamShare[] {
  const shares = new Map<string, UpstreamShare>()
  for (const { upstream, kind, micros } of choices) {
    const { count, totalMicros } = shares.get(upstream) ?? { count: 0, totalMicros: 0 }
    shares.set(upstream, { upstream, kind, count: count + 1, totalMicros: totalMicros + micros })
  }
  return [...shares.values()].toSorted((a, b) => b.count - a.count || (a.upstream < b.upstream ? -1 : 1))
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, figure) => total + figure, 0)
}
