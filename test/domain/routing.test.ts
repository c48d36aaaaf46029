import t from 'tap'
import type { ExclusionCode } from '../../src/gateway/domain/generation/plan.ts'
import { evaluate } from '../../src/gateway/domain/routing/evaluation/evaluate.ts'
import { route } from '../../src/gateway/domain/routing/routing.ts'
import type { RoutePolicy, RouteRequest } from '../../src/gateway/domain/routing/route-request.ts'
import type { UpstreamView } from '../../src/gateway/domain/routing/upstream.ts'
import { aPolicy, aRouteRequest, anAvailability, aView, open, T0 } from './builders.ts'
import { nobody, oneCharacter } from './routing-plan.ts'

t.test('each reason to leave an upstream out has its own code', async (t) => {
  const rows: Array<{
    code: ExclusionCode
    why: string
    view?: UpstreamView
    request?: Partial<RouteRequest>
    policy?: Partial<RoutePolicy>
    detail: RegExp
  }> = [
    { code: 'disabled', why: 'it is off', view: aView({}, { enabled: false }), detail: /disabled/ },
    {
      code: 'kind_not_allowed',
      why: 'the key may not use its kind',
      view: aView({ kind: 'reverse' }),
      policy: { allow: ['official', 'self_hosted'] },
      detail: /reverse/,
    },
    {
      code: 'kind_not_allowed',
      why: 'the key may use nothing',
      policy: { allow: [] },
      detail: /official/,
    },
    {
      code: 'not_in_allow_list',
      why: 'the request names others',
      policy: { upstreams: ['another'] },
      detail: /other upstreams/,
    },
    {
      code: 'not_in_allow_list',
      why: 'the request names none',
      policy: { upstreams: [] },
      detail: /other upstreams/,
    },
    {
      code: 'not_in_allow_list',
      why: 'the key may use others only, whatever the request names',
      policy: { allowUpstreams: ['another'], upstreams: ['any'] },
      detail: /This key/,
    },
    {
      code: 'model_unsupported',
      why: 'the key may not use the model',
      policy: { allowModels: ['veo-3'] },
      detail: /This key may not use sora-2/,
    },
    { code: 'model_unsupported', why: 'of the model', request: { model: 'veo-3' }, detail: /veo-3/ },
    {
      code: 'model_unsupported',
      why: 'the model is named like a property of every object',
      request: { model: 'constructor' },
      detail: /constructor/,
    },
    {
      code: 'duration_unsupported',
      why: 'the length must be exact',
      view: aView({ durations: [4, 8, 12] }),
      policy: { duration: 'exact' },
      detail: /4, 8, 12 s, not 10 s/,
    },
    {
      code: 'size_unsupported',
      why: 'of the size',
      view: aView({ sizes: ['720x1280'] }),
      request: { size: '1280x720' },
      detail: /1280x720/,
    },
    {
      code: 'size_unsupported',
      why: 'it has no size of that shape',
      view: aView({ sizes: ['720x1280'] }),
      request: { size: 'landscape' },
      detail: /landscape/,
    },
    {
      code: 'reference_unsupported',
      why: 'it takes images only',
      view: aView({ references: ['image'] }),
      request: { referenceKind: 'video' },
      detail: /video/,
    },
    {
      code: 'reference_unsupported',
      why: 'it takes no reference',
      view: aView({ references: [] }),
      request: { referenceKind: 'image' },
      detail: /image/,
    },
    {
      code: 'character_unsupported',
      why: 'it takes no characters',
      view: aView({ characters: 'none' }),
      request: oneCharacter,
      detail: /not support characters/,
    },
    {
      code: 'character_unsupported',
      why: 'they are too many',
      view: aView({ characters: 'native', maxCharacters: 1 }),
      request: { characters: [nobody, nobody] },
      detail: /1 characters, not 2/,
    },
    {
      code: 'character_unsupported',
      why: 'only native is wanted',
      view: aView({ characters: 'reference' }),
      request: oneCharacter,
      policy: { characterFidelity: 'native' },
      detail: /native/,
    },
    {
      code: 'character_unsupported',
      why: 'its one reference input is taken',
      view: aView({ characters: 'reference' }),
      request: { ...oneCharacter, referenceKind: 'image' },
      detail: /reference input/,
    },
    {
      code: 'over_max_cost',
      why: 'it costs more than the caller pays',
      policy: { maxCostMicros: 499_999 },
      detail: /\$0\.50 .*\$0\.499999/,
    },
    {
      code: 'over_budget',
      why: 'it costs more than is left of the budget',
      policy: { budgetLeftMicros: 499_999 },
      detail: /budget/,
    },
    {
      code: 'breaker_open',
      why: 'creates fail there',
      view: aView({}, { breakers: { create: open() } }),
      detail: /create breaker/,
    },
    {
      code: 'breaker_open',
      why: 'it must learn a character and cannot now',
      view: aView({}, { breakers: { character: open() } }),
      request: oneCharacter,
      detail: /character breaker/,
    },
    { code: 'at_capacity', why: 'no slot is free', view: aView({}, { freeSlots: 0 }), detail: /slots/ },
    {
      code: 'at_capacity',
      why: 'more slots are taken than there are',
      view: aView({}, { freeSlots: -2 }),
      detail: /slots/,
    },
  ]
  for (const { code, why, view = aView(), request = {}, policy = {}, detail } of rows) {
    t.test(`${code}: ${why}`, async (t) => {
      const evaluation = evaluate(aRouteRequest(request), view, aPolicy(policy))
      if (evaluation.type === 'candidate') throw new Error('it is a candidate')
      t.equal(evaluation.exclusion.code, code)
      t.equal(evaluation.exclusion.upstream, 'any')
      t.match(evaluation.exclusion.detail, detail)
      const passes = code === 'breaker_open' || code === 'at_capacity'
      t.equal(evaluation.type, passes ? 'passing' : 'excluded')
      const decision = route(aRouteRequest(request), [view], aPolicy(policy))
      const excluded = decision.type === 'plan' ? decision.plan.excluded : decision.excluded
      t.equal(decision.type, passes ? 'plan' : 'refusal', 'only what passes leaves a plan')
      t.same(excluded, [evaluation.exclusion])
    })
  }
})

t.test('what does not stand in the way excludes nothing', async (t) => {
  const rows: Array<[string, UpstreamView, Partial<RouteRequest>, Partial<RoutePolicy>]> = [
    ['exactly the ceiling', aView(), {}, { maxCostMicros: 500_000 }],
    ['exactly the budget', aView(), {}, { budgetLeftMicros: 500_000 }],
    ['an exact length that is sold', aView({ durations: [5, 10] }), {}, { duration: 'exact' }],
    ['an exact length where any is sold', aView({ durations: null }), {}, { duration: 'exact' }],
    ['being named', aView(), {}, { upstreams: ['other', 'any'] }],
    ['one free slot', aView({}, { freeSlots: 1 }), {}, {}],
    ['a half-open breaker', aView({}, { breakers: { create: { state: 'half_open', retryAt: T0 } } }), {}, {}],
    [
      'open breakers for polls and downloads',
      aView({}, { breakers: { poll: open(), fetch: open() } }),
      oneCharacter,
      {},
    ],
    ['an open character breaker without a character', aView({}, { breakers: { character: open() } }), {}, {}],
    [
      'an open character breaker where the character is known already',
      aView({}, { breakers: { character: open() } }),
      { characters: [anAvailability('any')] },
      {},
    ],
    [
      'an open character breaker where it is only shown a clip',
      aView({ characters: 'reference' }, { breakers: { character: open() } }),
      oneCharacter,
      {},
    ],
    ['as many characters as it takes', aView({ maxCharacters: 2 }), { characters: [nobody, nobody] }, {}],
    [
      'a reference beside native characters',
      aView({ references: ['image'] }),
      { ...oneCharacter, referenceKind: 'image' },
      {},
    ],
    [
      'a fidelity that no character asks for',
      aView({ characters: 'none' }),
      {},
      { characterFidelity: 'native' },
    ],
  ]
  for (const [why, view, request, policy] of rows) {
    t.equal(evaluate(aRouteRequest(request), view, aPolicy(policy)).type, 'candidate', why)
  }
})

t.test('one character that is not known there is enough to need the character breaker', async (t) => {
  const view = aView({}, { breakers: { character: open() } })
  const request = aRouteRequest({ characters: [anAvailability('any'), anAvailability('elsewhere')] })
  t.equal(evaluate(request, view, aPolicy()).type, 'passing')
})

t.test('an open breaker says when it lets a probe through', async (t) => {
  const view = aView({}, { breakers: { create: open(T0 + 30_000) } })
  t.match(evaluate(aRouteRequest(), view, aPolicy()), { type: 'passing', retryAt: T0 + 30_000 })
})

t.test('a reason that lasts is told rather than one that passes', async (t) => {
  const view = aView({ kind: 'reverse' }, { freeSlots: 0, breakers: { create: open() } })
  const evaluation = evaluate(aRouteRequest(), view, aPolicy({ allow: ['official'] }))
  t.match(evaluation, { type: 'excluded', exclusion: { code: 'kind_not_allowed' } })
})

t.test('no upstream at all is a refusal without exclusions', async (t) => {
  t.same(route(aRouteRequest(), [], aPolicy()), { type: 'refusal', excluded: [] })
})
