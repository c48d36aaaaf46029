import t from 'tap'
import { estimate } from '../../src/gateway/domain/routing/estimate.ts'
import type { Workload } from '../../src/gateway/domain/routing/estimate.ts'
import { aPolicy, aView, official, open, ownServer, reseller } from './builders.ts'

const everyone = aPolicy()
const workload: Workload = {
  count: 500,
  model: 'sora-2',
  durationSeconds: 10,
  size: 'landscape',
  characters: 0,
}
const anyLength = { ...official, durations: null }

function dollars(...[asked, views, floor]: Parameters<typeof estimate>): Record<string, unknown> {
  const made = estimate(asked, views, floor).map(({ policy, totalMicros, candidate }) => [
    policy,
    totalMicros === null ? null : [totalMicros / 1e6, candidate?.upstream],
  ])
  return Object.fromEntries(made)
}

t.test('500 ten-second videos cost what the well-known comparison says', (t) => {
  t.same(dollars(workload, [aView(reseller), aView(anyLength)], everyone), {
    cost: [60, 'reseller-a'],
    stability: [500, 'openai'],
    official_only: [500, 'openai'],
    reverse_only: [60, 'reseller-a'],
  })
  const pro = { ...anyLength, price: { type: 'per_second', micros: { default: 500_000 } } } as const
  t.match(dollars(workload, [aView(pro)], everyone), { official_only: [2500, 'openai'], reverse_only: null })
  t.end()
})

t.test('characters go where they are known natively, whatever the policy', (t) => {
  const made = estimate({ ...workload, characters: 2 }, [aView(reseller), aView(anyLength)], everyone)
  t.same(
    made.map(({ candidate }) => candidate?.fidelity),
    ['native', 'native', 'reference', 'native'],
  )
  t.end()
})

t.test('a length that is not sold is priced as the one that would be ordered', (t) => {
  const [, , made] = estimate(workload, [aView(official)], everyone)
  t.match(made, { candidate: { durationSeconds: 12 }, totalMicros: 600_000_000 })
  t.end()
})

t.test('the floor of the key holds in every policy', (t) => {
  const views = [aView(reseller), aView(anyLength), aView(ownServer)]
  t.same(dollars(workload, views, aPolicy({ allow: ['official'] })), {
    cost: [500, 'openai'],
    stability: [500, 'openai'],
    official_only: [500, 'openai'],
    reverse_only: null,
  })
  t.end()
})

t.test('an open breaker or a full upstream of this moment changes no month', (t) => {
  const busy = aView(reseller, { breakers: { create: open() }, freeSlots: 0 })
  t.match(dollars(workload, [busy], everyone), { cost: [60, 'reseller-a'] })
  t.end()
})
