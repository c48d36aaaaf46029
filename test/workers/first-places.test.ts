import t from 'tap'
import type { Test } from 'tap'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import type { Stored } from '../../src/gateway/ports/generations/generation-store.ts'
import type { WorkPlace } from '../../src/gateway/ports/generations/work-place.ts'
import { createLogger } from '../../src/gateway/process/logger.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { GenerationLoop } from '../../src/gateway/workers/generation-loop.ts'
import { aGeneration, START } from '../fixtures/generation.ts'

const limits = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }
const claim = { now: START, owner: 'another', leaseUntil: START + 1000, limit: 10 }
const owner = 'worker-1'

class Lost extends Error {}

/** A loop with `slots` in each pool. `worked`: what was begun, and how it came to its worker. */
async function stage(t: Test, { slots = 8, isShared = false } = {}) {
  const database = await openDatabase({ file: `${t.testdir()}/understudy.db` })
  const inner = createGenerationStore(database)
  const claimed = new Set<string>()
  const store = {
    ...inner,
    async claimDue(asked: Parameters<typeof inner.claimDue>[0]) {
      const found = await inner.claimDue(asked)
      for (const { generation } of found) claimed.add(generation.id)
      return found
    },
  }
  const worked: Array<{ id: string; as: 'claimed' | 'placed' }> = []
  const finish = async ({ generation, version }: Stored): Promise<void> => {
    const completed = { ...generation, dueAt: null, status: 'completed' } as const
    const outcome = await inner.save(completed, { version, entries: [], lease: { owner, release: true } })
    if (outcome !== 'saved') throw new Error(outcome)
  }
  /** What the next work does. */
  const next = { work: finish }
  const loop = new GenerationLoop({
    store,
    clock: { now: () => START },
    logger: createLogger('silent', { write: () => undefined }),
    owner,
    work: (stored) => {
      const { id } = stored.generation
      worked.push({ id, as: claimed.has(id) ? 'claimed' : 'placed' })
      return next.work(stored)
    },
    poolOf: () => 'local',
    isLeaseLost: (error) => error instanceof Lost,
    isOutage: () => false,
    stopping: new AbortController(),
    isShared,
    slotsInAll: Infinity,
    slotsIn: () => slots,
  })
  t.teardown(async () => {
    await loop.stop(1000)
    await database.close()
  })
  const insert = async (generation: Generation, { lease }: WorkPlace) =>
    inner.insert(generation, { entries: [], idempotency: null, limits, lease })
  return { database, store: inner, loop, worked, next, finish, insert }
}

/** With a worker, as soon as the loop has looked for what is due and found nothing. */
async function placed(loop: GenerationLoop, generation: Generation, isSelfContained = false) {
  for (;;) {
    const place = loop.placeFor(generation, isSelfContained)
    if (place.lease !== undefined) return place
    await place.end(false)
    await new Promise(setImmediate)
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate)
}

t.test('a free worker takes up what is stored, under a lease from the start', async (t) => {
  const { store, loop, worked, insert } = await stage(t)
  loop.start()
  const generation = aGeneration()
  const place = await placed(loop, generation)
  await insert(generation, place)
  t.same(worked, [])
  t.same(await store.claimDue(claim), [], 'nobody else can')
  await place.end(true)
  t.same(worked, [{ id: generation.id, as: 'placed' }])
})

t.test('what self-contained work stores first shares the commit of its generation', async (t) => {
  const { database, loop, worked, next, finish, insert } = await stage(t)
  loop.start()
  const generation = aGeneration()
  let savedIn: number | undefined
  next.work = async (stored) => {
    await finish(stored)
    savedIn = database.commits?.()
  }
  const place = await placed(loop, generation, true)
  await insert(generation, place)
  const storedIn = database.commits?.()
  await place.end(true)
  await until(() => savedIn !== undefined)
  t.equal(savedIn, storedIn)
  t.same(worked, [{ id: generation.id, as: 'placed' }])
})

t.test('work that came before what it is about leaves it to a claim', async (t) => {
  const { loop, worked, next, finish, insert } = await stage(t)
  loop.start()
  const generation = aGeneration()
  const place = await placed(loop, generation, true)
  next.work = () => {
    next.work = finish
    return Promise.reject(new Lost('there is no such generation yet'))
  }
  await insert(generation, place)
  await place.end(true)
  await until(() => worked.length === 2)
  t.same(worked, [
    { id: generation.id, as: 'placed' },
    { id: generation.id, as: 'claimed' },
  ])
})

t.test('nothing is worked on that was not stored, and its slot is free again', async (t) => {
  const { loop, worked } = await stage(t, { slots: 1 })
  loop.start()
  const place = await placed(loop, aGeneration())
  t.equal(loop.placeFor(aGeneration(), false).lease, undefined, 'the only slot is taken')
  await place.end(false)
  t.same(worked, [])
})

t.test('nobody overtakes what is on its way without a worker', async (t) => {
  const { loop } = await stage(t, { slots: 1 })
  const early = loop.placeFor(aGeneration(), false)
  t.equal(early.lease, undefined, 'nobody has looked what is due')
  await early.end(false)
  loop.start()
  const first = await placed(loop, aGeneration())
  const second = loop.placeFor(aGeneration(), false)
  t.equal(second.lease, undefined, 'the only slot is taken')
  await first.end(false)
  t.equal(loop.placeFor(aGeneration(), false).lease, undefined, 'the second is to be claimed first')
})

t.test('nobody overtakes what waits in the store', async (t) => {
  const { loop, worked, next, finish, insert } = await stage(t, { slots: 1 })
  loop.start()
  const [first, second] = [aGeneration(), aGeneration()]
  const { promise: isFree, resolve: free } = Promise.withResolvers<void>()
  next.work = async (stored) => {
    await isFree
    await finish(stored)
  }
  const place = await placed(loop, first)
  await insert(first, place)
  await place.end(true)
  const waiting = loop.placeFor(second, false)
  await insert(second, waiting)
  await waiting.end(true)
  free()
  await until(() => {
    if (worked.some(({ id }) => id === second.id)) return true
    const later = loop.placeFor(aGeneration(), false)
    void later.end(false)
    if (later.lease !== undefined) throw new Error('it overtook the second')
    return false
  })
  t.same(worked[1], { id: second.id, as: 'claimed' })
})

t.test('beside much work, each generation is claimed', async (t) => {
  const { loop, worked, next, finish, insert } = await stage(t, { slots: 64 })
  loop.start()
  const { promise: isFree, resolve: free } = Promise.withResolvers<void>()
  next.work = async (stored) => {
    await isFree
    await finish(stored)
  }
  for (let count = 0; count < 16; count++) {
    const generation = aGeneration()
    const place = await placed(loop, generation, true)
    await insert(generation, place)
    await place.end(true)
  }
  const one = aGeneration()
  const place = loop.placeFor(one, true)
  t.equal(place.lease, undefined)
  await insert(one, place)
  await place.end(true)
  await until(() => worked.length === 17)
  t.same(worked[16], { id: one.id, as: 'claimed' })
  free()
})

t.test('once the loop is stopped nothing begins, and no lease is left as of a crash', async (t) => {
  const { store, loop, worked, insert } = await stage(t)
  loop.start()
  const generation = aGeneration()
  const place = await placed(loop, generation)
  await insert(generation, place)
  loop.stopClaiming()
  await place.end(true)
  t.same(worked, [])
  t.match(await store.claimDue(claim), [{ generation: { id: generation.id }, crashPoints: 0 }])
  t.equal(loop.placeFor(aGeneration(), false).lease, undefined)
})

t.test('where others claim from the same queue, each generation is claimed', async (t) => {
  const { loop, worked, insert } = await stage(t, { isShared: true })
  loop.start()
  const generation = aGeneration()
  const place = loop.placeFor(generation, true)
  t.equal(place.lease, undefined)
  await insert(generation, place)
  await place.end(true)
  await until(() => worked.length > 0)
  t.same(worked, [{ id: generation.id, as: 'claimed' }])
})
