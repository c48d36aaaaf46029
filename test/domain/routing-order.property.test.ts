import * as fc from 'fast-check'
import t from 'tap'
import type { Candidate, RoutePlan } from '../../src/gateway/domain/generation/plan.ts'
import { route } from '../../src/gateway/domain/routing/routing.ts'
import type { UpstreamView } from '../../src/gateway/domain/routing/upstream.ts'
import type { RoutePolicy } from '../../src/gateway/domain/routing/route-request.ts'
import { views, request, policy, always, check, usedIn, viewIn, names } from './route-requests.ts'

/** All pairs of candidates in which the first one comes earlier. */
function pairs(candidates: Candidate[]): Array<[Candidate, Candidate]> {
  return candidates.flatMap((first, index) =>
    candidates.slice(index + 1).map((second): [Candidate, Candidate] => [first, second]),
  )
}

/** Both lists without the caller's preferred upstream, which always comes first. */
function lists(plan: RoutePlan, policy: RoutePolicy): Candidate[][] {
  return [plan.candidates, plan.standby].map((list) =>
    list.filter(({ upstream }) => upstream !== policy.prefer?.upstream),
  )
}

/** How near a candidate comes to the characters: a clip tells more of them than stills of it. */
function closeness({ fidelity, upstream }: Candidate, views: UpstreamView[]): string {
  const isByStills = fidelity === 'inline' && viewIn(views, upstream).spec.characters === 'stills'
  return isByStills ? 'stills' : String(fidelity)
}

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

t.test('`cost` never puts a dearer upstream before a cheaper one that is as close and as exact', async () => {
  always(700, ({ request, views, policy, decision }) => {
    if (decision.type !== 'plan' || policy.priority !== 'cost') return
    const exact = ({ durationSeconds }: Candidate): boolean => durationSeconds === request.durationSeconds
    for (const [first, second] of lists(decision.plan, policy).flatMap(pairs)) {
      if (closeness(first, views) !== closeness(second, views)) continue
      check(exact(first) || !exact(second), 'adjusted before exact')
      if (exact(first) === exact(second))
        check(first.estimatedCostMicros <= second.estimatedCostMicros, 'dearer before cheaper')
    }
  })
})

t.test('`stability` never puts reverse before an official or own one that is as close', async () => {
  always(700, ({ views, policy, decision }) => {
    if (decision.type !== 'plan' || policy.priority !== 'stability') return
    for (const [first, second] of lists(decision.plan, policy).flatMap(pairs)) {
      if (closeness(first, views) === closeness(second, views))
        check(first.kind !== 'reverse' || second.kind === 'reverse', 'reverse first')
    }
  })
})

t.test('`stability` never puts one that fails more before one of the same standing', async () => {
  always(500, ({ request, views, policy, decision }) => {
    if (decision.type !== 'plan' || policy.priority !== 'stability') return
    for (const [first, second] of lists(decision.plan, policy).flatMap(pairs)) {
      const standing = (candidate: Candidate): string => {
        const { kind, durationSeconds } = candidate
        const isExact = durationSeconds === request.durationSeconds
        return JSON.stringify([closeness(candidate, views), kind === 'reverse', isExact])
      }
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
