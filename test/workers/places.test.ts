import t from 'tap'
import { Places } from '../../src/workers/places.ts'

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
  places.settle()
  t.equal(places.move('a', 'b'), true, 'after a claim that left a place free nobody waits')
  t.equal(places.free('a'), 1)
  t.equal(places.move('b', 'b'), true)
})
