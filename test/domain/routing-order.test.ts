import t from 'tap'
import type { RoutePlan } from '../../src/gateway/domain/generation/plan.ts'
import { route } from '../../src/gateway/domain/routing/routing.ts'
import type { RoutePolicy, RouteRequest } from '../../src/gateway/domain/routing/route-request.ts'
import type { UpstreamView } from '../../src/gateway/domain/routing/upstream.ts'
import {
  aPolicy,
  aRouteRequest,
  aView,
  deepFreeze,
  official,
  open,
  ownServer,
  reseller,
  T0,
} from './builders.ts'
import { oneCharacter } from './routing-plan.ts'

function planOf(
  views: UpstreamView[],
  request: Partial<RouteRequest> = {},
  policy: Partial<RoutePolicy> = {},
): RoutePlan {
  const decision = route(deepFreeze(aRouteRequest(request)), deepFreeze(views), deepFreeze(aPolicy(policy)))
  if (decision.type === 'plan') return decision.plan
  throw new Error(`no plan: ${JSON.stringify(decision.excluded)}`)
}

function names(candidates: ReadonlyArray<{ upstream: string }>): string[] {
  return candidates.map(({ upstream }) => upstream)
}

t.test('the policy: who plays which part', async (t) => {
  const both = [aView(reseller), aView(official)]

  t.test('a character goes to the upstream that knows it natively', async (t) => {
    for (const priority of ['cost', 'stability'] as const) {
      const plan = planOf(both, oneCharacter, { priority })
      t.same(names(plan.candidates), ['reseller-a', 'openai'], priority)
      t.same(
        plan.candidates.map(({ fidelity }) => fidelity),
        ['native', 'reference'],
        priority,
      )
    }
  })

  t.test('a character goes to the native upstream even if that one is the dearer', async (t) => {
    const dear = aView({ ...reseller, price: { type: 'per_request', micros: 9_000_000 } })
    t.same(names(planOf([aView(official), dear], oneCharacter).candidates), ['reseller-a', 'openai'])
  })

  t.test('without a character, stability means official', async (t) => {
    t.same(names(planOf(both, {}, { priority: 'stability' }).candidates), ['openai', 'reseller-a'])
  })

  t.test('without a character, cost means reverse', async (t) => {
    t.same(names(planOf(both).candidates), ['reseller-a', 'openai'])
  })

  t.test('reverse down degrades to official, and reverse stands by', async (t) => {
    const down = aView(reseller, { breakers: { create: open(T0 + 30_000) } })
    const plan = planOf([down, aView(official)], oneCharacter)
    t.same(names(plan.candidates), ['openai'])
    t.equal(plan.candidates[0]?.fidelity, 'reference')
    t.same(names(plan.standby), ['reseller-a'])
    t.match(plan.excluded, [{ upstream: 'reseller-a', code: 'breaker_open' }])
  })

  t.test('a key for official alone never gets reverse, also when official is down', async (t) => {
    const states = [
      aView(official),
      aView(official, { freeSlots: 0 }),
      aView(official, { breakers: { create: open() } }),
      aView(official, { enabled: false }),
    ]
    for (const state of states) {
      for (const request of [aRouteRequest(), oneCharacter]) {
        const decision = route(request, [aView(reseller), state], aPolicy({ allow: ['official'] }))
        const plan = decision.type === 'plan' ? decision.plan : null
        const used = [...(plan?.candidates ?? []), ...(plan?.standby ?? [])]
        t.notOk(used.some(({ kind }) => kind !== 'official'))
        const excluded = decision.type === 'plan' ? decision.plan.excluded : decision.excluded
        t.match(excluded.at(-1), { upstream: 'reseller-a', code: 'kind_not_allowed' })
      }
    }
  })

  t.test('an own server counts as stable as official', async (t) => {
    const plan = planOf([aView(reseller), aView(ownServer), aView(official)], {}, { priority: 'stability' })
    t.same(names(plan.candidates), ['gpu-1', 'openai', 'reseller-a'], 'the exact length decides between them')
  })
})

t.test('the length that is ordered', async (t) => {
  const rows: Array<[number[] | null, number, number]> = [
    [[4, 8, 12], 10, 12],
    [[4, 8, 12], 20, 12],
    [[4, 8, 12], 8, 8],
    [[4, 8, 12], 1, 4],
    [[4, 8, 12], 4.5, 8],
    [[10], 10, 10],
    [null, 7.5, 7.5],
  ]
  for (const [durations, asked, ordered] of rows) {
    const [candidate] = planOf([aView({ durations })], { durationSeconds: asked }).candidates
    t.equal(candidate?.durationSeconds, ordered, `${asked} s of ${durations?.join('/') ?? 'any'}`)
  }
})

t.test('an adjusted length is priced as it is ordered, and said in the reason', async (t) => {
  const [candidate] = planOf([aView(official)]).candidates
  t.match(candidate, { durationSeconds: 12, estimatedCostMicros: 1_200_000 })
  t.match(candidate?.reason, /\$1\.20 for 12 s, not the 10 s asked for/)
})

t.test('who sells the asked length comes before a cheaper one that does not', async (t) => {
  const cheap = aView({ ...official, id: 'cheap', price: { type: 'per_request', micros: 1 } })
  t.same(names(planOf([cheap, aView(reseller)]).candidates), ['reseller-a', 'cheap'])
})

t.test('the size that is ordered', async (t) => {
  const rows: Array<[UpstreamView['spec']['sizes'], RouteRequest['size'], string]> = [
    [['720x1280', '1280x720', '1792x1024'], 'landscape', '1280x720'],
    [['1792x1024', '1280x720', '1024x1792', '720x1280'], 'portrait', '1024x1792'],
    [null, 'landscape', '1280x720'],
    [null, 'portrait', '720x1280'],
    [null, '640x480', '640x480'],
    [['640x480'], '640x480', '640x480'],
  ]
  for (const [sizes, asked, ordered] of rows) {
    t.equal(planOf([aView({ sizes })], { size: asked }).candidates[0]?.size, ordered)
  }
})

t.test('a size with a price of its own is priced so', async (t) => {
  const price = { type: 'per_second' as const, micros: { default: 100_000, '1792x1024': 500_000 } }
  const view = aView({ price })
  t.equal(planOf([view], { size: '1792x1024' }).estimatedCostMicros, 5_000_000)
  t.equal(planOf([view], { size: '1280x720' }).estimatedCostMicros, 1_000_000)
})

function of(id: string, successRate: number | null, latencyMs: number | null): UpstreamView {
  return aView({ id }, { successRate, latencyMs })
}

t.test('equals are told apart by success rate, then latency, then id', async (t) => {
  for (const priority of ['cost', 'stability'] as const) {
    const order = (...views: UpstreamView[]): string[] => names(planOf(views, {}, { priority }).candidates)
    t.same(order(of('a', 0.5, 1), of('b', 0.9, 9)), ['b', 'a'])
    t.same(order(of('a', 0.9, 9), of('b', 0.9, 1)), ['b', 'a'])
    t.same(order(of('b', 0.9, 1), of('a', 0.9, 1)), ['a', 'b'])
    t.same(order(of('a', 0.99, 1), of('b', null, null)), ['b', 'a'], 'the unmeasured gets its first requests')
  }
})

t.test('a candidate says what would be asked of it', async (t) => {
  const [candidate] = planOf([aView({ ...reseller, models: { 'sora-2': 'sora-2-landscape' } })]).candidates
  t.same(candidate, {
    upstream: 'reseller-a',
    kind: 'reverse',
    fidelity: null,
    model: 'sora-2-landscape',
    durationSeconds: 10,
    size: '1280x720',
    estimatedCostMicros: 120_000,
    reason: '$0.12 for 10 s',
  })
})

t.test('the worst case is every one tried and charged, up to the ceiling', async (t) => {
  const views = [aView(reseller), aView(official), aView(ownServer, { freeSlots: 0 })]
  const plan = planOf(views)
  t.same(names(plan.standby), ['gpu-1'])
  t.equal(plan.estimatedCostMicros, 120_000)
  t.equal(plan.worstCaseCostMicros, 120_000 + 1_200_000 + 300_000)
  t.equal(planOf(views, {}, { maxCostMicros: 1_500_000 }).worstCaseCostMicros, 1_500_000)
})

t.test('without fallback the first alone is kept', async (t) => {
  const views = [aView(reseller), aView(official), aView(ownServer, { freeSlots: 0 })]
  const plan = planOf(views, {}, { fallback: false })
  t.same(names(plan.candidates), ['reseller-a'])
  t.same(plan.standby, [])
  t.equal(plan.worstCaseCostMicros, 120_000)
})

t.test('without fallback the first to come back is waited for when none is free', async (t) => {
  const views = [aView(reseller, { freeSlots: 0 }), aView(official, { breakers: { create: open() } })]
  const plan = planOf(views, {}, { fallback: false })
  t.same(plan.candidates, [])
  t.same(names(plan.standby), ['reseller-a'])
  t.equal(plan.estimatedCostMicros, 120_000)
})
