import * as fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import type { UpstreamView } from '../../src/gateway/domain/routing/upstream.ts'
import { route } from '../../src/gateway/domain/routing/routing.ts'
import { createRememberedRoutes } from '../../src/gateway/services/requests/remembered-routes.ts'
import { check, policy, request, viewOf } from '../domain/route-requests.ts'

const changes: Array<(view: UpstreamView) => UpstreamView> = [
  (view) => view,
  (view) => ({ ...view, freeSlots: 0 }),
  (view) => ({ ...view, freeSlots: 7 }),
  (view) => ({ ...view, freeSlots: null }),
  (view) => ({ ...view, enabled: !view.enabled }),
  (view) => ({ ...view, successRate: 0.25, latencyMs: 90_000 }),
  (view) => ({ ...view, breakers: { ...view.breakers, create: { state: 'open', retryAt: 5 } } }),
  (view) => ({ ...view, breakers: { ...view.breakers, create: { state: 'closed', retryAt: null } } }),
  (view) => ({ ...view, outages: [{ model: `sora-2@${view.spec.id}`, reason: 'paused', until: 9 }] }),
  (view) => ({
    ...view,
    pause: { target: view.spec.id, reason: 'an audit', since: 1, until: null, by: 'ops' },
  }),
  (view) => ({ ...view, spec: { ...view.spec, maxPromptCharacters: 40 } }),
  (view) => ({ ...view, spec: { ...view.spec, price: { type: 'per_request', micros: 10 } } }),
]

t.test('what is remembered is what would be decided, whatever changed since', async () => {
  const few = fc.array(request, { minLength: 1, maxLength: 3 })
  const asked = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()), { minLength: 2, maxLength: 25 })
  const policies = fc.array(policy, { minLength: 1, maxLength: 2 })
  fc.assert(
    fc.property(few, policies, viewOf('a'), viewOf('b'), asked, (requests, policies, a, b, steps) => {
      const remembered = createRememberedRoutes()
      for (const [which, whose, first, second] of steps) {
        const views = [
          changes[first % changes.length]?.(a) ?? a,
          ...(second % 5 === 0 ? [] : [changes[second % changes.length]?.(b) ?? b]),
        ]
        const one = requests[which % requests.length]
        const two = policies[whose % policies.length]
        if (one === undefined || two === undefined) throw new Error('there is at least one of each')
        const decision = remembered(one, views, two)
        check(isDeepStrictEqual(decision, route(one, views, two)), 'the same decision')
        check(remembered(one, views, two) === decision || !Object.isFrozen(decision), 'and it is kept')
      }
    }),
    { numRuns: 300 },
  )
})
