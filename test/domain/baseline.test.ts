import t from 'tap'
import { baselineOf } from '../../src/gateway/domain/routing/baseline.ts'
import { aCandidate, aRouteRequest, aView, official, open, ownServer, reseller } from './builders.ts'

const plan = { candidates: [aCandidate({ estimatedCostMicros: 120_000 })], standby: [] }

t.test('official alone is the cheapest official upstream that can do the work, whoever is asked now', (t) => {
  const views = [
    aView(reseller),
    aView(official, { breakers: { create: open() }, freeSlots: 0 }),
    aView({ ...official, id: 'azure', price: { type: 'per_second', micros: { default: 90_000 } } }),
  ]
  t.same(baselineOf(plan, aRouteRequest(), views, 120_000), {
    cheapestMicros: 120_000,
    officialMicros: 1_080_000,
  })
  t.end()
})

t.test('where no official upstream can, it is the dearest kind that can', (t) => {
  const views = [aView(reseller), aView(ownServer), aView({ ...official, models: {} })]
  t.equal(baselineOf(plan, aRouteRequest(), views, 120_000).officialMicros, 300_000)
  t.equal(baselineOf(plan, aRouteRequest(), [], 120_000).officialMicros, 120_000, 'else the price itself')
  t.end()
})

t.test('the cheapest candidate may stand by, and the attempt itself may be cheaper than the plan', (t) => {
  const standby = [aCandidate({ estimatedCostMicros: 50_000 })]
  t.equal(baselineOf({ ...plan, standby }, aRouteRequest(), [], 120_000).cheapestMicros, 50_000)
  t.equal(baselineOf(plan, aRouteRequest(), [], 40_000).cheapestMicros, 40_000)
  t.end()
})
