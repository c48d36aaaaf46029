import * as fc from 'fast-check'
import t from 'tap'
import { priceOf } from '../../src/gateway/domain/routing/price.ts'
import { route } from '../../src/gateway/domain/routing/routing.ts'
import type { RouteRequest } from '../../src/gateway/domain/routing/route-request.ts'
import { viewOf, policy, always, check, usedIn, viewIn, names } from './route-requests.ts'

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
      else if (spec.characters === 'stills') check(candidate.fidelity === 'inline', 'the fidelity')
      else check(candidate.fidelity === spec.characters, 'the fidelity')
      if (spec.characters === 'native') {
        const failed = request.characters.flatMap(({ failedOn }) => failedOn)
        check(!failed.some(({ upstream }) => upstream === spec.id), 'a character it said no to')
      }
      const isDescribed =
        candidate.fidelity === 'reference' || (candidate.fidelity !== null && spec.characters === 'stills')
      const length = request.promptCharacters[isDescribed ? 'reference' : 'native']
      check(length <= (spec.maxPromptCharacters ?? Infinity), 'the length of the prompt')
      if (candidate.fidelity !== null && candidate.fidelity !== 'reference')
        check(request.characters.length <= spec.maxCharacters, 'how many characters')
      if (candidate.fidelity !== null && spec.characters === 'stills')
        check(policy.characterFidelity === 'any', 'what the caller forbids')
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
