import t from 'tap'
import { Slots } from '../../src/gateway/workers/slots.ts'

t.test('each pool has slots of its own', async (t) => {
  const slots = new Slots((pool) => (pool === 'a' ? 2 : 1))
  slots.take('a')
  slots.take('a')
  t.equal(slots.free('a'), 0)
  t.equal(slots.free('b'), 1)
  slots.leave('a')
  t.equal(slots.free('a'), 1)
})

t.test('who comes from another pool does not go before those who were turned away', async (t) => {
  const slots = new Slots(() => 1)
  slots.take('b')
  slots.take('a')
  t.equal(slots.move('a', 'b'), false)
  slots.leave('b')
  t.equal(slots.move('a', 'b'), false, 'free, and promised to who waits in the store')
  slots.forgetQueued()
  t.equal(slots.move('a', 'b'), true, 'after a claim that left a slot free nobody waits')
  t.equal(slots.free('a'), 1)
  t.equal(slots.move('b', 'b'), true)
})

t.test('all pools together take no more than the total, and each pool keeps its first slot', async (t) => {
  const slots = new Slots(() => 64, 100)
  const take = (pool: string): number => {
    let count = 0
    while (slots.free(pool) > 0 && count < 1000) {
      slots.take(pool)
      count += 1
    }
    return count
  }
  const hanging = Array.from({ length: 50 }, (_, index) => take(`create:${index}`))
  t.same(hanging.slice(0, 3), [64, 36, 1])
  t.equal(
    hanging.reduce((sum, count) => sum + count, 0),
    148,
    'the total, and one for each pool that came later',
  )
  t.equal(take('create:healthy'), 1)
  for (let left = 0; left < 60; left++) slots.leave('create:0')
  t.equal(take('create:healthy'), 11, 'what was left is free again')
})
