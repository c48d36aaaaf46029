import t from 'tap'
import { exclusionCodes } from '../../src/gateway/domain/generation/plan.ts'
import { priorities } from '../../src/gateway/domain/generation/request.ts'
import type { Priority } from '../../src/gateway/domain/generation/request.ts'
import { noInputs } from '../../src/gateway/domain/inputs/route-inputs.ts'
import { comparators, compareFacts } from '../../src/gateway/domain/routing/comparators.ts'
import { evaluate } from '../../src/gateway/domain/routing/evaluation/evaluate.ts'
import { factsOf } from '../../src/gateway/domain/routing/evaluation/facts.ts'
import type { Facts } from '../../src/gateway/domain/routing/evaluation/facts.ts'
import { filters } from '../../src/gateway/domain/routing/evaluation/filters.ts'
import { passingFilters } from '../../src/gateway/domain/routing/evaluation/passing-filters.ts'
import type { RoutePolicy, RouteRequest } from '../../src/gateway/domain/routing/route-request.ts'
import type { UpstreamSpec } from '../../src/gateway/domain/routing/upstream.ts'
import { aPolicy, aRouteRequest, anAvailability, aView, open, T0 } from './builders.ts'

interface Case {
  spec?: Partial<UpstreamSpec>
  now?: NonNullable<Parameters<typeof aView>[1]>
  request?: Partial<RouteRequest>
  policy?: Partial<RoutePolicy>
}

function factsIn({ spec, now, request, policy }: Case): Facts {
  return factsOf(aRouteRequest(request), aView(spec, now), aPolicy(policy))
}

const gone = { model: 'sora-2', reason: 'gone', until: T0 }

/** For each filter, in order: a case in which no other filter excludes the upstream. */
const lasting: Array<[string, Case]> = [
  ['switched off', { now: { enabled: false } }],
  ['kinds of the key', { policy: { allow: [] } }],
  ['upstreams of the key', { policy: { allowUpstreams: [] } }],
  ['upstreams of the request', { policy: { upstreams: [] } }],
  ['models of the key', { policy: { allowModels: [] } }],
  ['models of the upstream', { spec: { models: {} } }],
  ['source video', { request: { source: { kind: 'extension', holder: null } } }],
  ['length', { spec: { durations: [4] }, policy: { duration: 'exact' } }],
  ['size', { spec: { sizes: ['720x1280'] } }],
  ['reference', { spec: { references: [] }, request: { referenceKind: 'image' } }],
  ['inputs', { request: { inputs: { ...noInputs, firstFrame: true } } }],
  ['sound', { request: { inputs: { ...noInputs, settings: { audio: true } } } }],
  ['characters', { spec: { characters: 'none' }, request: { characters: [anAvailability()] } }],
  ['length of the prompt', { spec: { maxPromptCharacters: 99 } }],
  ['ceiling of the request', { policy: { maxCostMicros: 0 } }],
  ['budget of the key', { policy: { budgetLeftMicros: 0 } }],
]
const passing: Array<[string, Case]> = [
  [
    'pause of submissions',
    { now: { pause: { target: 'a', reason: 'x', since: 0, until: null, by: 'ops' } } },
  ],
  [
    'spend cap of the upstream',
    {
      spec: { spendMicrosPerDay: 1 },
      now: { spend: { dayStart: T0, spentMicros: 0, reservedMicros: 1 } },
    },
  ],
  ['outage of the model', { now: { outages: [gone] } }],
  ['breaker of creates', { now: { breakers: { create: open() } } }],
  [
    'breaker of characters',
    { now: { breakers: { character: open() } }, request: { characters: [anAvailability()] } },
  ],
  ['free slots', { now: { freeSlots: 0 } }],
]
const everyCase = [...lasting, ...passing]
const everyFilter = [...filters, ...passingFilters]

t.test(
  'each filter alone leaves an upstream out for what it is named after, and nothing else does',
  async (t) => {
    t.same(
      filters.map(({ name }) => name),
      lasting.map(([name]) => name),
    )
    t.same(
      passingFilters.map(({ name }) => name),
      passing.map(([name]) => name),
    )
    for (const [name, one] of everyCase) {
      const facts = factsIn(one)
      const excluding = everyFilter.filter(({ excludes }) => excludes(facts) !== null)
      t.same(
        excluding.map((filter) => filter.name),
        [name],
      )
    }
  },
)

t.test('no filter leaves out an upstream that can take the request', async (t) => {
  for (const { name, excludes } of everyFilter) t.equal(excludes(factsIn({})), null, name)
})

t.test('every exclusion code belongs to a filter', async (t) => {
  t.same(new Set(everyFilter.map(({ code }) => code)), new Set(exclusionCodes))
})

/** All of these cases combined; the first one wins where they conflict. */
function together(cases: Case[]): Case {
  const merged: Required<Case> = { spec: {}, now: {}, request: {}, policy: {} }
  for (const { spec, now = {}, request, policy } of cases.toReversed()) {
    Object.assign(merged.spec, spec)
    Object.assign(merged.now, now, { breakers: { ...merged.now.breakers, ...now.breakers } })
    Object.assign(merged.request, request)
    Object.assign(merged.policy, policy)
  }
  return merged
}

t.test('of all the filters that leave an upstream out, the first one says why', async (t) => {
  const cases = everyCase.map(([, one]) => one)
  for (const [index, { name, code }] of everyFilter.entries()) {
    const { request, policy, view } = factsIn(together(cases.slice(index)))
    const evaluation = evaluate(request, view, policy)
    t.match(evaluation, { type: index < filters.length ? 'excluded' : 'passing', exclusion: { code } }, name)
    const detail = evaluation.type === 'candidate' ? null : evaluation.exclusion.detail
    const said = everyFilter[index]?.excludes(factsIn(cases[index] ?? {}))
    t.equal(detail, typeof said === 'string' ? said : said?.detail, `${name}, in its own words`)
  }
})

/** For each comparator, in order: what comes first, what comes after it, and how they differ. */
const ordered: Array<[string, Case & { first: Case; second: Case }]> = [
  [
    'upstream of the preferred generation',
    {
      policy: { prefer: { generation: 'gen_1', upstream: 'z' } },
      first: { spec: { id: 'z' } },
      second: { spec: { id: 'a' } },
    },
  ],
  [
    'native characters',
    {
      request: { characters: [anAvailability()] },
      first: { spec: { characters: 'native' } },
      second: { spec: { characters: 'reference' } },
    },
  ],
  [
    'closeness to the source video',
    {
      request: { source: { kind: 'remix', holder: null } },
      first: { spec: { sourceVideos: 'any' } },
      second: { spec: { sourceVideos: 'own' } },
    },
  ],
  [
    'official and self-hosted',
    {
      policy: { priority: 'stability' },
      first: { spec: { kind: 'self_hosted' } },
      second: { spec: { kind: 'reverse' } },
    },
  ],
  ['exact length', { first: { spec: { durations: [10] } }, second: { spec: { durations: [4, 12] } } }],
  [
    'price',
    {
      first: { spec: { price: { type: 'per_request', micros: 1 } } },
      second: { spec: { price: { type: 'per_request', micros: 2 } } },
    },
  ],
  ['success rate', { first: { now: { successRate: null } }, second: { now: { successRate: 0.9 } } }],
  ['latency', { first: { now: { latencyMs: null } }, second: { now: { latencyMs: 1 } } }],
]

t.test('each comparator alone tells two upstreams apart, the better one first', async (t) => {
  t.same(
    comparators.map(({ name }) => name),
    ordered.map(([name]) => name),
  )
  for (const [name, { request = {}, policy = {}, first, second }] of ordered) {
    // Sorted by id, they would be the other way round.
    const better = factsIn({ ...first, request, policy, spec: { id: 'z', ...first.spec } })
    const worse = factsIn({ ...second, request, policy, spec: { id: 'a', ...second.spec } })
    const deciding = comparators.filter(({ rank }) => rank(better) !== rank(worse))
    t.same(
      deciding.map((comparator) => comparator.name),
      [name],
    )
    t.ok(compareFacts(better, worse) < 0, name)
    t.ok(compareFacts(worse, better) > 0, name)
  }
})

t.test('a comparator of one priority says nothing for the other', async (t) => {
  const cheap: Case = { spec: { id: 'z', kind: 'reverse', price: { type: 'per_request', micros: 1 } } }
  const stable: Case = { spec: { id: 'a', kind: 'official', price: { type: 'per_request', micros: 2 } } }
  const goesFirst: Record<Priority, string> = { cost: 'z', stability: 'a' }
  for (const priority of priorities) {
    const facts = [cheap, stable].map((one) => factsIn({ ...one, policy: { priority } }))
    t.equal(facts.toSorted(compareFacts)[0]?.spec.id, goesFirst[priority], priority)
  }
})

t.test('where no comparator tells two upstreams apart, the id does', async (t) => {
  const facts = ['b', 'a'].map((id) => factsIn({ spec: { id } }))
  t.same(
    facts.toSorted(compareFacts).map(({ spec }) => spec.id),
    ['a', 'b'],
  )
})
