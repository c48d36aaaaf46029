import t from 'tap'
import type { Test } from 'tap'
import { aloneIn, isAlone } from '../../src/gateway/domain/scheduling/step-pool.ts'
import { isSuspect } from '../../src/gateway/domain/scheduling/crash.ts'
import { createLogger } from '../../src/gateway/process/logger.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { GenerationLoop } from '../../src/gateway/workers/generation-loop.ts'
import { aGeneration, START } from '../fixtures/generation.ts'

const limits = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }
const claim = { now: START, owner: 'worker-0', leaseUntil: START + 1000, limit: 10 }

async function stage(t: Test) {
  const database = await openDatabase({ file: ':memory:' })
  t.teardown(() => database.close())
  const store = createGenerationStore(database)
  const inHand = new Map<string, () => void>()
  const loop = new GenerationLoop({
    store,
    clock: { now: () => START },
    logger: createLogger('silent', { write: () => undefined }),
    owner: 'worker-1',
    work: async ({ generation: { id } }) => {
      await new Promise<void>((resolve) => {
        inHand.set(id, resolve)
      })
      await store.release(id, 'worker-1')
    },
    poolOf: ({ crashPoints }) => (isSuspect(crashPoints) ? aloneIn('local') : 'local'),
    isLeaseLost: () => false,
    isOutage: () => false,
    stopping: new AbortController(),
    isShared: false,
    slotsInAll: Infinity,
    slotsIn: (pool) => (isAlone(pool) ? 1 : 64),
  })
  return { store, loop, inHand }
}

t.test('what is left when the grace is over is let go of, so that an ordered stop is no crash', async (t) => {
  const { store, loop, inHand } = await stage(t)
  await store.insert(aGeneration(), { entries: [], idempotency: null, limits })
  void loop.tick()
  while (inHand.size === 0) await new Promise(setImmediate)
  t.same(await store.claimDue(claim), [])
  await loop.stop(10)
  t.same(await store.releaseAll(START), [])
  t.match(await store.claimDue(claim), [{ crashPoints: 0 }])
})

t.test('what is suspected of ending the process is worked on one at a time, beside all else', async (t) => {
  const { store, loop, inHand } = await stage(t)
  const suspects = [aGeneration(), aGeneration()]
  for (const each of suspects) await store.insert(each, { entries: [], idempotency: null, limits })
  const ids = suspects.map(({ id }) => id)
  for (let crashes = 0; crashes < 2; crashes++) {
    await store.claimDue(claim)
    await store.noteCrash(ids, 'worker-0')
    await store.releaseAll(START)
  }
  const innocent = aGeneration()
  await store.insert(innocent, { entries: [], idempotency: null, limits })
  const ticking = loop.tick()
  while (inHand.size < 2) await new Promise(setImmediate)
  const first = ids.filter((id) => inHand.has(id))
  t.equal(first.length, 1)
  t.ok(inHand.has(innocent.id))
  t.equal(await loop.tick(), 0, 'the other one waits, and is not looked at all the time')
  for (const finish of inHand.values()) finish()
  await ticking
})
