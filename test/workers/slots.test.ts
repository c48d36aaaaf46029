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

const patient = 60_000

t.test('work waits in turn for the next slot of a pool, and keeps its own meanwhile', async (t) => {
  const slots = new Slots((pool) => (pool === 'create' ? 1 : 3))
  slots.take('create')
  for (let count = 0; count < 2; count++) slots.take('local')
  const order: string[] = []
  const first = slots.moveSoon('local', 'create', patient).then((moved) => order.push(`first ${moved}`))
  const second = slots.moveSoon('local', 'create', patient).then((moved) => order.push(`second ${moved}`))
  t.equal(slots.free('local'), 1)
  slots.leave('create')
  await first
  t.equal(slots.free('local'), 2)
  t.equal(slots.free('create'), 0)
  slots.leave('create')
  await second
  t.same(order, ['first true', 'second true'])
  t.equal(slots.free('local'), 3)
})

t.test('once one has waited in vain, all of them and who comes next wait in the store', async (t) => {
  const slots = new Slots(() => 1, 10)
  slots.take('create')
  const patience = slots.moveSoon('a', 'create', 1)
  const later = slots.moveSoon('b', 'create', patient)
  t.same(await Promise.all([patience, later]), [false, false])
  slots.leave('create')
  t.equal(await slots.moveSoon('c', 'create', patient), false, 'those in the store go first')
  slots.forgetQueued()
  slots.take('c')
  t.equal(await slots.moveSoon('c', 'create', patient), true)
})

t.test('what waits in the store is asked for after so many that waited in memory', async (t) => {
  const slots = new Slots((pool) => (pool === 'create' ? 1 : 1000))
  slots.take('create')
  let moved = 0
  const waiting = Array.from({ length: 100 }, async () => {
    slots.take('local')
    await slots.moveSoon('local', 'create', patient)
    moved += 1
  })
  const turn = async (): Promise<void> => {
    slots.leave('create')
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (let count = 0; count < 64; count++) await turn()
  t.equal(moved, 64)
  await turn()
  t.equal(moved, 64)
  t.equal(slots.free('create'), 1, 'for a claim')
  slots.forgetQueued()
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(moved, 65, 'which had no use for it')
  for (let count = 0; count < 35; count++) await turn()
  await Promise.all(waiting)
  t.equal(moved, 100)
})
