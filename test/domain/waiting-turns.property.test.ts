import * as fc from 'fast-check'
import t from 'tap'
import { nextTurn } from '../../src/gateway/domain/scheduling/waiting-turns.ts'

const now = 1_800_000_000_000

function turns(count: number, retryAt: number, intervalMs: number): number[] {
  const given: number[] = []
  for (let n = 0; n < count; n++) given.push(nextTurn(given.at(-1) ?? 0, retryAt, intervalMs))
  return given
}

t.test('those that wait ask again one after another, each when a call is free', (t) => {
  t.same(turns(4, now + 500, 2000), [now + 500, now + 2500, now + 4500, now + 6500])
  t.end()
})

t.test('turns are spread evenly over at most a minute, and none comes before a call is free', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3000 }),
      fc.integer({ min: 1, max: 120_000 }),
      fc.integer({ min: 1, max: 300 }),
      (perMinute, wait, count) => {
        const given = turns(count, now + wait, 60_000 / perMinute)
        const most = Math.ceil(count / Math.max(1, Math.floor(60_000 / Math.ceil(60_000 / perMinute)))) + 1
        const alike = Map.groupBy(given, (at) => at)
        return (
          given.every((at) => at >= now + wait && at <= now + wait + 60_000) &&
          [...alike.values()].every((each) => each.length <= most)
        )
      },
    ),
  )
  t.end()
})

t.test('a turn that is over, or lies far ahead because the clock was set back, holds nobody up', (t) => {
  t.equal(nextTurn(now - 10_000, now + 500, 2000), now + 500)
  t.equal(nextTurn(now + 3_600_000, now + 500, 2000), now + 500)
  t.end()
})
