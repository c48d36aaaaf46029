import * as fc from 'fast-check'
import t from 'tap'
import type { VisualKind } from '../../src/gateway/domain/media-kind.ts'
import type { Candidate, RoutePlan } from '../../src/gateway/domain/generation/plan.ts'
import { priceOf } from '../../src/gateway/domain/routing/price.ts'
import { route } from '../../src/gateway/domain/routing/routing.ts'
import type { RouteDecision } from '../../src/gateway/domain/routing/routing.ts'
import type { RoutePolicy, RouteRequest } from '../../src/gateway/domain/routing/route-request.ts'
import type {
  BreakerView,
  Price,
  Size,
  UpstreamKind,
  UpstreamView,
} from '../../src/gateway/domain/routing/upstream.ts'
import { deepFreeze, T0 } from './builders.ts'

const kinds = ['official', 'reverse', 'self_hosted'] as const satisfies UpstreamKind[]
const ids = ['a', 'b', 'c', 'd', 'e', 'f']
const models = ['sora-2', 'sora-2-pro', 'toString']
const sizes = ['1280x720', '720x1280', '1792x1024', '1024x1024'] as const satisfies Size[]
const prices = [0, 120_000, 500_000, 1_000_000]

/** Mostly null: with every limit in force nearly every request would be refused, and nothing be ranked. */
function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 7, arbitrary: fc.constant(null) }, { weight: 1, arbitrary })
}

function mostly<T>(usual: T, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 7, arbitrary: fc.constant(usual) },
    { weight: 2, arbitrary: fc.constantFrom(usual, ...others) },
  )
}

const breaker = fc.record<BreakerView>({
  state: mostly<BreakerView['state']>('closed', 'half_open', 'open'),
  retryAt: fc.option(fc.integer({ min: T0, max: T0 + 60_000 })),
})
const price = fc.oneof(
  fc.constantFrom(...prices).map((micros): Price => ({ type: 'per_request', micros })),
  fc
    .record({
      default: fc.constantFrom(10_000, 12_000, 100_000),
      '1792x1024': fc.constantFrom(12_000, 500_000),
    })
    .map((micros): Price => ({ type: 'per_second', micros })),
)

function viewOf(id: string): fc.Arbitrary<UpstreamView> {
  return fc.record({
    spec: fc.record({
      id: fc.constant(id),
      kind: fc.constantFrom(...kinds),
      dialect: fc.constant('openai-videos'),
      models: mostly(models, ...models.map((model) => [model])).map((all) =>
        Object.fromEntries(all.map((model) => [model, `${model}@${id}`])),
      ),
      durations: fc.option(fc.subarray([4, 5, 8, 10, 12, 15], { minLength: 1 })),
      sizes: seldom(fc.shuffledSubarray([...sizes])),
      references: mostly<VisualKind[]>(['image', 'video'], ['image'], ['video'], []),
      characters: mostly<UpstreamView['spec']['characters']>('native', 'inline', 'reference', 'none'),
      maxCharacters: fc.integer({ min: 1, max: 3 }),
      characterClip: fc.constant(null),
      maxPromptCharacters: seldom(fc.constantFrom(50, 200)),
      price,
      chargedOn: fc.constantFrom('success' as const, 'create' as const),
      maxInFlight: fc.constant(null),
      createsPerMinute: fc.constant(null),
      pollsPerSecond: fc.constant(null),
      poll: fc.constant({ firstAfterMs: 1000, everyMs: 1000 }),
      stallMs: fc.constant(1000),
      attemptMs: fc.constant(1000),
    }),
    enabled: mostly(true, false),
    breakers: fc.record({ create: breaker, poll: breaker, fetch: breaker, character: breaker }),
    outages: fc.constant([]),
    freeSlots: seldom(fc.integer({ min: -1, max: 2 })),
    successRate: fc.option(fc.constantFrom(0, 0.5, 0.99, 1)),
    unexplainedFailures: fc.nat(500),
    latencyMs: fc.option(fc.constantFrom(0, 1000, 90_000)),
  })
}

const views: fc.Arbitrary<UpstreamView[]> = fc
  .shuffledSubarray(ids, { minLength: 1 })
  .chain((some) => fc.tuple(...some.map(viewOf)))
const standing = fc.record({
  boundOn: fc.subarray(ids),
  failedOn: mostly(
    [],
    ids.map((upstream) => ({ upstream, reason: 'it said no' })),
    [{ upstream: ids[0] ?? '', reason: 'it said no' }],
  ),
})
const promptCharacters = fc.record({
  native: fc.constantFrom(10, 100, 300),
  reference: fc.constantFrom(10, 100, 300),
})
const request = fc.record<RouteRequest>({
  model: mostly('sora-2', 'sora-2-pro', 'toString', 'hasOwnProperty'),
  durationSeconds: fc.constantFrom(1, 5, 8, 10, 12, 20),
  size: fc.constantFrom('landscape', 'portrait', ...sizes),
  referenceKind: mostly<VisualKind | null>(null, 'image', 'video'),
  characters: fc.oneof(fc.constant([]), fc.array(standing, { minLength: 1, maxLength: 3 })),
  promptCharacters,
})
const policy = fc.record<RoutePolicy>({
  priority: fc.constantFrom('cost', 'stability'),
  upstreams: seldom(fc.subarray(ids)),
  fallback: mostly(true, false),
  characterFidelity: mostly<RoutePolicy['characterFidelity']>('any', 'native'),
  duration: mostly<RoutePolicy['duration']>('nearest', 'exact'),
  maxCostMicros: seldom(fc.constantFrom(0, 120_000, 600_000, 2_000_000)),
  allowUpstreams: seldom(fc.subarray(ids)),
  allowModels: seldom(fc.subarray(['sora-2', 'sora-2-pro'])),
  prefer: seldom(
    fc.constantFrom(...ids, 'gone').map((upstream) => ({ generation: 'gen_1' as const, upstream })),
  ),
  allow: mostly<UpstreamKind[]>([...kinds], ['official'], ['reverse'], ['official', 'self_hosted']),
  budgetLeftMicros: seldom(fc.constantFrom(0, 500_000, 2_000_000)),
})

interface Decided {
  request: RouteRequest
  views: UpstreamView[]
  policy: RoutePolicy
  decision: RouteDecision
}

function always(runs: number, holds: (decided: Decided) => void): void {
  fc.assert(
    fc.property(request, views, policy, (request, views, policy) => {
      deepFreeze([request, views, policy])
      holds({ request, views, policy, decision: route(request, views, policy) })
    }),
    { numRuns: runs },
  )
}

function check(condition: boolean, message: string): void {
  if (!condition) throw new Error(message)
}

function usedIn(decision: RouteDecision): Candidate[] {
  return decision.type === 'plan' ? [...decision.plan.candidates, ...decision.plan.standby] : []
}

function viewIn(views: UpstreamView[], id: string): UpstreamView {
  const view = views.find(({ spec }) => spec.id === id)
  if (view === undefined) throw new Error(`${id} was not offered`)
  return view
}

/** Every pair in a list of candidates where the first one stands before the second. */
function pairs(candidates: Candidate[]): Array<[Candidate, Candidate]> {
  return candidates.flatMap((first, index) =>
    candidates.slice(index + 1).map((second): [Candidate, Candidate] => [first, second]),
  )
}

/** Both lists without the upstream that the caller prefers: it stands first whatever else is true of it. */
function lists(plan: RoutePlan, policy: RoutePolicy): Candidate[][] {
  return [plan.candidates, plan.standby].map((list) =>
    list.filter(({ upstream }) => upstream !== policy.prefer?.upstream),
  )
}

t.test('a candidate never violates a filter', async () => {
  always(700, ({ request, views, policy, decision }) => {
    for (const candidate of usedIn(decision)) {
      const { spec, enabled } = viewIn(views, candidate.upstream)
      check(enabled, 'disabled')
      check(candidate.kind === spec.kind && policy.allow.includes(spec.kind), 'the floor')
      check(policy.allowUpstreams?.includes(spec.id) ?? true, 'the upstreams of the key')
      check(policy.allowModels?.includes(request.model) ?? true, 'the models of the key')
      check(policy.upstreams === null || policy.upstreams.includes(spec.id), 'the allow-list')
      check(candidate.model === `${request.model}@${spec.id}`, 'the model')
      check(Object.keys(spec.models).includes(request.model), 'the models it has')
      check(spec.durations === null || spec.durations.includes(candidate.durationSeconds), 'the length')
      if (policy.duration === 'exact')
        check(candidate.durationSeconds === request.durationSeconds, 'the exact length')
      check(spec.sizes === null || spec.sizes.includes(candidate.size), 'the size')
      const [width = 0, height = 0] = candidate.size.split('x').map(Number)
      if (request.size === 'landscape') check(width >= height, 'landscape')
      else if (request.size === 'portrait') check(height >= width, 'portrait')
      else check(candidate.size === request.size, 'the asked size')
      check(
        request.referenceKind === null || spec.references.includes(request.referenceKind),
        'the reference',
      )
      if (request.characters.length === 0)
        check(candidate.fidelity === null, 'no fidelity without a character')
      else if (spec.characters === 'inline') check(candidate.fidelity === 'native', 'the fidelity')
      else check(candidate.fidelity === spec.characters, 'the fidelity')
      if (spec.characters === 'native') {
        const failed = request.characters.flatMap(({ failedOn }) => failedOn)
        check(!failed.some(({ upstream }) => upstream === spec.id), 'a character it said no to')
      }
      const length = request.promptCharacters[candidate.fidelity ?? 'native']
      check(length <= (spec.maxPromptCharacters ?? Infinity), 'the length of the prompt')
      if (candidate.fidelity === 'native')
        check(request.characters.length <= spec.maxCharacters, 'how many characters')
      if (candidate.fidelity === 'reference')
        check(policy.characterFidelity === 'any' && request.referenceKind === null, 'the reference input')
      check(
        candidate.estimatedCostMicros === priceOf(spec.price, candidate.durationSeconds, candidate.size),
        'the price',
      )
      check(candidate.estimatedCostMicros <= (policy.maxCostMicros ?? Infinity), 'the ceiling')
      check(candidate.estimatedCostMicros <= (policy.budgetLeftMicros ?? Infinity), 'the budget')
    }
  })
})

t.test('a candidate can take the request now, and one on standby cannot', async () => {
  always(500, ({ request, views, decision }) => {
    if (decision.type !== 'plan') return
    for (const { upstream } of usedIn(decision)) {
      const { breakers, freeSlots, spec } = viewIn(views, upstream)
      const learns =
        spec.characters === 'native' && request.characters.some(({ boundOn }) => !boundOn.includes(upstream))
      const free =
        breakers.create.state !== 'open' &&
        !(learns && breakers.character.state === 'open') &&
        (freeSlots === null || freeSlots > 0)
      check(free === names(decision.plan.candidates).includes(upstream), 'free now')
    }
  })
})

t.test(
  'every upstream is either a candidate or excluded, once; those on standby are excluded for what passes',
  async () => {
    always(500, ({ views, policy, decision }) => {
      const excluded = decision.type === 'plan' ? decision.plan.excluded : decision.excluded
      const candidates = decision.type === 'plan' ? decision.plan.candidates : []
      const standby = decision.type === 'plan' ? decision.plan.standby : []
      const told = [...names(candidates), ...names(excluded)]
      check(new Set(told).size === told.length, 'twice')
      if (policy.fallback) check(told.length === views.length, 'left out')
      else check(candidates.length + standby.length <= 1, 'more than one without fallback')
      for (const { upstream } of standby) {
        const code = excluded.find((exclusion) => exclusion.upstream === upstream)?.code
        check(code === 'breaker_open' || code === 'at_capacity', `on standby for ${code}`)
      }
      if (policy.fallback) {
        const passing = excluded.filter(({ code }) => code === 'breaker_open' || code === 'at_capacity')
        check(passing.length === standby.length, 'on standby')
      }
      check((decision.type === 'refusal') === (candidates.length + standby.length === 0), 'a refusal')
    })
  },
)

t.test('an upstream that is preferred stands first where it is admissible, and says why', async () => {
  always(700, ({ request, views, policy, decision }) => {
    if (decision.type !== 'plan' || policy.prefer === null) return
    const { upstream, generation } = policy.prefer
    for (const list of [decision.plan.candidates, decision.plan.standby]) {
      check(
        list.slice(1).every((candidate) => candidate.upstream !== upstream),
        'not first',
      )
      for (const candidate of list)
        check(candidate.reason.includes(generation) === (candidate.upstream === upstream), 'the reason')
    }
    const without = route(request, views, { ...policy, prefer: null, fallback: true })
    const free = route(request, views, { ...policy, fallback: true })
    check(
      names(usedIn(without)).toSorted().join() === names(usedIn(free)).toSorted().join(),
      'a preference decides who is first, not who may play',
    )
  })
})

t.test('native characters come before reference ones', async () => {
  always(400, ({ policy, decision }) => {
    if (decision.type !== 'plan') return
    for (const [first, second] of lists(decision.plan, policy).flatMap(pairs))
      check(!(first.fidelity === 'reference' && second.fidelity === 'native'), 'reference before native')
  })
})

t.test(
  '`cost` never puts a dearer upstream before a cheaper one of the same fidelity and exactness',
  async () => {
    always(700, ({ request, policy, decision }) => {
      if (decision.type !== 'plan' || policy.priority !== 'cost') return
      const exact = ({ durationSeconds }: Candidate): boolean => durationSeconds === request.durationSeconds
      for (const [first, second] of lists(decision.plan, policy).flatMap(pairs)) {
        if (first.fidelity !== second.fidelity) continue
        check(exact(first) || !exact(second), 'adjusted before exact')
        if (exact(first) === exact(second))
          check(first.estimatedCostMicros <= second.estimatedCostMicros, 'dearer before cheaper')
      }
    })
  },
)

t.test('`stability` never puts reverse before an official or own one of the same fidelity', async () => {
  always(700, ({ policy, decision }) => {
    if (decision.type !== 'plan' || policy.priority !== 'stability') return
    for (const [first, second] of lists(decision.plan, policy).flatMap(pairs)) {
      if (first.fidelity === second.fidelity)
        check(first.kind !== 'reverse' || second.kind === 'reverse', 'reverse first')
    }
  })
})

t.test('`stability` never puts one that fails more before one of the same standing', async () => {
  always(500, ({ request, views, policy, decision }) => {
    if (decision.type !== 'plan' || policy.priority !== 'stability') return
    for (const [first, second] of lists(decision.plan, policy).flatMap(pairs)) {
      const standing = ({ fidelity, kind, durationSeconds }: Candidate): string =>
        JSON.stringify([fidelity, kind === 'reverse', durationSeconds === request.durationSeconds])
      if (standing(first) !== standing(second)) continue
      const rate = ({ upstream }: Candidate): number => viewIn(views, upstream).successRate ?? 1
      check(rate(first) >= rate(second), 'failing more first')
    }
  })
})

t.test('the same input gives the same plan, in whatever order the upstreams come', async () => {
  fc.assert(
    fc.property(
      request,
      views.chain((views) =>
        fc.record({
          views: fc.constant(views),
          shuffled: fc.shuffledSubarray(views, { minLength: views.length, maxLength: views.length }),
        }),
      ),
      policy,
      (request, { views, shuffled }, policy) => {
        const plan = JSON.stringify(route(request, views, policy))
        check(plan === JSON.stringify(route(request, views, policy)), 'another plan')
        check(plan === JSON.stringify(route(request, shuffled, policy)), 'the order matters')
      },
    ),
    { numRuns: 400 },
  )
})

t.test('the worst case is at least the estimate and at most the ceiling', async () => {
  always(500, ({ policy, decision }) => {
    if (decision.type !== 'plan') return
    const { plan } = decision
    const first = plan.candidates[0] ?? plan.standby[0]
    check(plan.estimatedCostMicros === first?.estimatedCostMicros, 'the estimate')
    check(plan.worstCaseCostMicros >= plan.estimatedCostMicros, 'below the estimate')
    check(plan.worstCaseCostMicros <= (policy.maxCostMicros ?? Infinity), 'above the ceiling')
  })
})

t.test('a plan without fallback starts as the one with it', async () => {
  always(500, ({ request, views, policy, decision }) => {
    const alone = route(request, views, { ...policy, fallback: false })
    const full = route(request, views, { ...policy, fallback: true })
    check(decision.type === full.type && alone.type === full.type, 'another decision')
    if (alone.type !== 'plan' || full.type !== 'plan') return
    check(names(usedIn(alone)).join() === names(usedIn(full).slice(0, 1)).join(), 'another first')
  })
})

t.test('routing is total: any numbers and names give a decision', async () => {
  const wild = fc.record({
    request: fc.record<RouteRequest>({
      model: fc.string(),
      durationSeconds: fc.double(),
      size: fc.constantFrom('0x0', '-1x1', 'landscape', 'portrait'),
      referenceKind: fc.constantFrom(null, 'image', 'video'),
      characters: fc.array(fc.record({ boundOn: fc.array(fc.string()), failedOn: fc.constant([]) })),
      promptCharacters: fc.record({ native: fc.double(), reference: fc.double() }),
    }),
    view: fc.record({
      view: viewOf('a'),
      durations: fc.option(fc.array(fc.double())),
      successRate: fc.option(fc.double()),
      latencyMs: fc.option(fc.double()),
    }),
  })
  fc.assert(
    fc.property(fc.array(wild, { minLength: 1, maxLength: 4 }), policy, (cases, policy) => {
      const views = cases.map(({ view: { view, durations, successRate, latencyMs } }) => ({
        ...view,
        spec: { ...view.spec, durations },
        successRate,
        latencyMs,
      }))
      for (const { request } of cases) {
        const decision = route(request, views, policy)
        const count = decision.type === 'plan' ? usedIn(decision).length : decision.excluded.length
        check(count > 0 && count <= views.length, 'no decision')
      }
    }),
    { numRuns: 400 },
  )
})

function names(upstreams: ReadonlyArray<{ upstream: string }>): string[] {
  return upstreams.map(({ upstream }) => upstream)
}
