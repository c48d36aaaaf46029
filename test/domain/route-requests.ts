import { noCapabilities } from '../../src/gateway/domain/inputs/capabilities.ts'
import type { Capabilities } from '../../src/gateway/domain/inputs/capabilities.ts'
import * as fc from 'fast-check'
import type { VisualKind } from '../../src/gateway/domain/media-kind.ts'
import type { Candidate } from '../../src/gateway/domain/generation/plan.ts'
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

/** It takes so many pictures of somebody. */
const showing = (max: number): Capabilities => ({
  ...noCapabilities,
  references: { ...noCapabilities.references, image: { max, roles: null } },
})

const kinds = ['official', 'reverse', 'self_hosted'] as const satisfies UpstreamKind[]

const ids = ['a', 'b', 'c', 'd', 'e', 'f']

export const models = ['sora-2', 'sora-2-pro', 'toString']

export const sizes = ['1280x720', '720x1280', '1792x1024', '1024x1024'] as const satisfies Size[]

const prices = [0, 120_000, 500_000, 1_000_000]

/** Mostly null: with every limit set, nearly every request would be rejected and nothing ranked. */
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

export const price = fc.oneof(
  fc.constantFrom(...prices).map((micros): Price => ({ type: 'per_request', micros })),
  fc
    .record({
      default: fc.constantFrom(10_000, 12_000, 100_000),
      '1792x1024': fc.constantFrom(12_000, 500_000),
    })
    .map((micros): Price => ({ type: 'per_second', micros })),
)

export function viewOf(id: string): fc.Arbitrary<UpstreamView> {
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
      characters: mostly<UpstreamView['spec']['characters']>(
        'native',
        'inline',
        'stills',
        'reference',
        'none',
      ),
      capabilities: fc.constantFrom(noCapabilities, showing(2), showing(9)),
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

export const views: fc.Arbitrary<UpstreamView[]> = fc
  .shuffledSubarray(ids, { minLength: 1 })
  .chain((some) => fc.tuple(...some.map(viewOf)))

export const standing = fc.record({
  boundOn: fc.subarray(ids),
  failedOn: mostly(
    [],
    ids.map((upstream) => ({ upstream, reason: 'it said no' })),
    [{ upstream: ids[0] ?? '', reason: 'it said no' }],
  ),
})

export const promptCharacters = fc.record({
  native: fc.constantFrom(10, 100, 300),
  reference: fc.constantFrom(10, 100, 300),
})

export const request = fc.record<RouteRequest>({
  model: mostly('sora-2', 'sora-2-pro', 'toString', 'hasOwnProperty'),
  durationSeconds: fc.constantFrom(1, 5, 8, 10, 12, 20),
  size: fc.constantFrom('landscape', 'portrait', ...sizes),
  referenceKind: mostly<VisualKind | null>(null, 'image', 'video'),
  characters: fc.oneof(fc.constant([]), fc.array(standing, { minLength: 1, maxLength: 3 })),
  promptCharacters,
})

export const policy = fc.record<RoutePolicy>({
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

export function always(runs: number, holds: (decided: Decided) => void): void {
  fc.assert(
    fc.property(request, views, policy, (request, views, policy) => {
      deepFreeze([request, views, policy])
      holds({ request, views, policy, decision: route(request, views, policy) })
    }),
    { numRuns: runs },
  )
}

export function check(condition: boolean, message: string): void {
  if (!condition) throw new Error(message)
}

export function usedIn(decision: RouteDecision): Candidate[] {
  return decision.type === 'plan' ? [...decision.plan.candidates, ...decision.plan.standby] : []
}

export function viewIn(views: UpstreamView[], id: string): UpstreamView {
  const view = views.find(({ spec }) => spec.id === id)
  if (view === undefined) throw new Error(`${id} was not offered`)
  return view
}

export function names(upstreams: ReadonlyArray<{ upstream: string }>): string[] {
  return upstreams.map(({ upstream }) => upstream)
}
