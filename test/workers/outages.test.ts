import t from 'tap'
import type { Test } from 'tap'
import { createLogger } from '../../src/gateway/process/logger.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { GenerationLoop } from '../../src/gateway/workers/generation-loop.ts'
import { aGeneration, START } from '../fixtures/generation.ts'

const away = new Error('the store is away')

/** A loop whose work fails with these errors in turn, and then succeeds; `outage` says whether the store is away. */
async function stage(t: Test, errors: Error[], slots = { free: 64 }) {
  const database = await openDatabase({ file: ':memory:' })
  t.teardown(() => database.close())
  const inner = createGenerationStore(database)
  const outage = { now: false }
  const store = {
    ...inner,
    release: (...given: Parameters<typeof inner.release>) =>
      outage.now ? Promise.reject(away) : inner.release(...given),
  }
  const clock = { at: START, now: () => clock.at }
  const worked: string[] = []
  const loop = new GenerationLoop({
    store,
    clock,
    logger: createLogger('silent', { write: () => undefined }),
    owner: 'worker-1',
    work: async ({ generation: { id } }) => {
      const error = errors.shift()
      if (error !== undefined) throw error
      worked.push(id)
      await inner.release(id, 'worker-1')
    },
    poolOf: () => 'at an upstream',
    isLeaseLost: () => false,
    isOutage: (error) => error === away,
    stopping: new AbortController(),
    isShared: true,
    slotsInAll: Infinity,
    slotsIn: (pool) => (pool === 'at an upstream' ? slots.free : 64),
  })
  const generation = aGeneration()
  await inner.insert(generation, {
    entries: [],
    idempotency: null,
    limits: { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null },
  })
  return { loop, outage, clock, worked, id: generation.id }
}

t.test('work that an outage of the store ended is taken up as soon as the store is back', async (t) => {
  const { loop, outage, worked, id } = await stage(t, [away])
  outage.now = true
  await loop.tick()
  await t.rejects(loop.tick(), away, 'and nothing is claimed before')
  outage.now = false
  await loop.tick()
  t.same(worked, [id])
})

t.test('work that failed for another reason waits until its lease expires', async (t) => {
  const { loop, clock, worked, id } = await stage(t, [new Error('odd')])
  await loop.tick()
  await loop.tick()
  t.same(worked, [])
  clock.at += 31_000
  await loop.tick()
  t.same(worked, [id])
})

t.test(
  'an outage while work without a slot is left ends nothing: it is taken up once the store is back',
  async (t) => {
    const slots = { free: 0 }
    const { loop, outage, worked, id } = await stage(t, [], slots)
    outage.now = true
    t.equal(await loop.tick(), 1, 'claimed, and left')
    outage.now = false
    slots.free = 1
    await loop.tick()
    t.same(worked, [id])
  },
)
