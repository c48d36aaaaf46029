import t from 'tap'
import { Places } from '../../src/gateway/workers/places.ts'

t.test('each lane has places of its own', async (t) => {
  const places = new Places((lane) => (lane === 'a' ? 2 : 1))
  places.take('a')
  places.take('a')
  t.equal(places.free('a'), 0)
  t.equal(places.free('b'), 1)
  places.leave('a')
  t.equal(places.free('a'), 1)
})

t.test('who comes from another lane does not go before those who were turned away', async (t) => {
  const places = new Places(() => 1)
  places.take('b')
  places.take('a')
  t.equal(places.move('a', 'b'), false)
  places.leave('b')
  t.equal(places.move('a', 'b'), false, 'free, and promised to who waits in the store')
  places.forgetQueued()
  t.equal(places.move('a', 'b'), true, 'after a claim that left a place free nobody waits')
  t.equal(places.free('a'), 1)
  t.equal(places.move('b', 'b'), true)
})

t.test('all lanes together take no more than the total, and each lane keeps its first place', async (t) => {
  const places = new Places(() => 64, 100)
  const take = (lane: string): number => {
    let count = 0
    while (places.free(lane) > 0 && count < 1000) {
      places.take(lane)
      count += 1
    }
    return count
  }
  const hanging = Array.from({ length: 50 }, (_, index) => take(`create:${index}`))
  t.same(hanging.slice(0, 3), [64, 36, 1])
  t.equal(
    hanging.reduce((sum, count) => sum + count, 0),
    148,
    'the total, and one for each lane that came later',
  )
  t.equal(take('create:healthy'), 1)
  for (let left = 0; left < 60; left++) places.leave('create:0')
  t.equal(take('create:healthy'), 11, 'what was left is free again')
})
