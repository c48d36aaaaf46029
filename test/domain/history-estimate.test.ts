import * as fc from 'fast-check'
import t from 'tap'
import { noMoney } from '../../src/gateway/domain/generation/money.ts'
import { choicesFor, sumHistory } from '../../src/gateway/domain/routing/history-estimate.ts'
import type { PastWork } from '../../src/gateway/domain/routing/history-estimate.ts'
import { aPolicy, aRouteRequest, aView, official, open, reseller } from './builders.ts'

const bought = { ...official, durations: null }
const views = [aView(reseller), aView(bought)]

function work({ money, demands, ...request }: WorkChange = {}): PastWork {
  return {
    request: aRouteRequest({ durationSeconds: 10, ...request }),
    demands: aPolicy(demands),
    money: { ...noMoney, ...money },
  }
}

type WorkChange = Partial<PastWork['request']> & {
  money?: Partial<PastWork['money']>
  demands?: Partial<PastWork['demands']>
}

function dollars(works: PastWork[], total = works.length, upstreams = views) {
  const { estimates } = sumHistory(
    works.map((each) => choicesFor(each, upstreams)),
    total,
  )
  return Object.fromEntries(
    estimates.map(({ policy, totalMicros, savingMicros, unserved }) => [
      policy,
      [totalMicros === null ? null : totalMicros / 1e6, savingMicros && savingMicros / 1e6, unserved],
    ]),
  )
}

t.test('past videos cost what each policy would have chosen for each of them', (t) => {
  t.same(dollars([work(), work({ durationSeconds: 12 })], 2), {
    // The reseller does not sell 12 seconds.
    cost: [1.32, 0.88, 0],
    stability: [2.2, 0, 0],
    official_only: [2.2, 0, 0],
    reverse_only: [0.24, 1.96, 0],
  })
  t.end()
})

t.test('what a key may use, and what a request insists on, holds under every policy', (t) => {
  const floor = work({ demands: { allow: ['official'] } })
  t.same(dollars([floor, work()]), {
    cost: [1.12, 0.88, 0],
    stability: [2, 0, 0],
    official_only: [2, 0, 0],
    reverse_only: [0.12, 0.88, 1],
  })
  const native = {
    characters: [{ boundOn: [], failedOn: [] }],
    demands: { characterFidelity: 'native' as const },
  }
  t.match(dollars([work(native)]), { official_only: [null, null, 1], cost: [0.12, null, 0] })
  t.end()
})

t.test('a saving compares only videos that both policies can take', (t) => {
  const onlyReseller = work({ model: 'only-there' })
  const known = aView({ ...reseller, models: { 'sora-2': 'sora-2', 'only-there': 'x' } })
  t.same(dollars([work(), onlyReseller], 2, [known, aView(bought)]), {
    cost: [0.24, 0.88, 0],
    stability: [1.12, 0, 0],
    official_only: [1, 0, 1],
    reverse_only: [0.24, 0.88, 0],
  })
  t.end()
})

t.test('a breaker or a full upstream of this moment changes no past', (t) => {
  const busy = [aView(reseller, { breakers: { create: open() }, freeSlots: 0 }), aView(bought)]
  t.match(dollars([work()], 1, busy), { cost: [0.12, 0.88, 0] })
  t.end()
})

t.test('nothing delivered costs nothing and is no saving', (t) => {
  const { count, money, estimates } = sumHistory([], 0)
  t.same({ count, money }, { count: 0, money: noMoney })
  for (const each of estimates)
    t.match(each, { totalMicros: null, savingMicros: null, unserved: 0, upstreams: [] })
  t.end()
})

t.test('the shares of the upstreams are the whole, and the three sums of money stay apart', (t) => {
  const micros = fc.integer({ min: 0, max: 5_000_000 })
  const past = fc
    .record({
      durationSeconds: fc.integer({ min: 1, max: 12 }),
      isOfficial: fc.boolean(),
      money: fc.record({
        paidMicros: micros,
        mayStillBeChargedMicros: micros,
        paidWithoutVideoMicros: micros,
      }),
    })
    .map(({ isOfficial, ...change }) =>
      work({ ...change, demands: { allow: isOfficial ? ['official'] : ['official', 'reverse'] } }),
    )
  fc.assert(
    fc.property(fc.array(past, { maxLength: 20 }), (works) => {
      const { money, estimates } = sumHistory(
        works.map((each) => choicesFor(each, views)),
        works.length,
      )
      for (const { unserved, totalMicros, upstreams } of estimates) {
        const count = upstreams.reduce((videos, share) => videos + share.count, 0)
        const sum = upstreams.reduce((cost, share) => cost + share.totalMicros, 0)
        t.equal(count + unserved, works.length)
        t.equal(sum, totalMicros ?? 0)
      }
      t.equal(
        money.mayStillBeChargedMicros,
        works.reduce((sum, each) => sum + each.money.mayStillBeChargedMicros, 0),
      )
    }),
    { numRuns: 50 },
  )
  t.end()
})

t.test('the figures of a sample are scaled up to what there was', (t) => {
  const works = [work({ money: { paidMicros: 300_000, mayStillBeChargedMicros: 10 } }), work()]
  const { count, money, estimates } = sumHistory(
    works.map((each) => choicesFor(each, views)),
    500,
  )
  t.equal(count, 500)
  t.same(money, { paidMicros: 75_000_000, mayStillBeChargedMicros: 2500, paidWithoutVideoMicros: 0 })
  t.match(estimates[0], { totalMicros: 60_000_000, upstreams: [{ upstream: 'reseller-a', count: 500 }] })
  t.end()
})
