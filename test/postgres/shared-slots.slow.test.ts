import t from 'tap'
import type { Test } from 'tap'
import { createSharedSlots } from '../../src/gateway/services/advance/upstream-slots.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import { aGeneration, anAttempt, attemptId, generationId, START } from '../fixtures/generation.ts'
import { insert } from '../contract/generations/setup.ts'
import { postgresDatabases } from './databases.ts'
import { skipsPostgres } from './server.ts'

const upstream = 'reseller-a'
const limit = 7
const asked = 60

function start(store: GenerationStorage, n: number, version = 1) {
  const attempt = anAttempt({ id: attemptId(n), upstream, state: 'binding', startedAt: START })
  const next = aGeneration({ id: generationId(n), status: 'in_progress', attempts: [attempt] })
  const slot = { upstream, limit, at: START }
  return store.save(next, { version, entries: [], lease: null, slot })
}

t.test('slots of an upstream over three nodes', { skip: skipsPostgres() }, async (t) => {
  const { create } = await postgresDatabases(t)

  async function nodes(t: Test): Promise<GenerationStorage[]> {
    const url = await create()
    const stores = []
    for (let n = 0; n < 3; n++) {
      const database = await openPostgres({ url, connections: 9 })
      t.teardown(() => database.close())
      stores.push(createGenerationStore(database))
    }
    return stores
  }

  t.test('attempts that start on all nodes at once take exactly the slots there are', async (t) => {
    const stores = await nodes(t)
    const [first] = stores
    if (first === undefined) throw new Error('no node')
    for (let n = 0; n < asked; n++) await insert(first, aGeneration({ id: generationId(n) }))
    for (let round = 1; round <= 3; round++) {
      const started = Array.from({ length: asked }, (_, n) => n).filter((n) => n % 3 === round % 3)
      const outcomes = await Promise.all(
        started.flatMap((n) => stores.slice(0, 1 + (n % 3)).map((store) => start(store, n))),
      )
      t.equal((await first.slotsTaken(START)).get(upstream), limit, outcomes.join(' '))
    }
  })

  t.test('a node sees what others took and gave back within a second', async (t) => {
    const [one, two] = await nodes(t)
    if (one === undefined || two === undefined) throw new Error('no node')
    let now = START
    const slots = createSharedSlots({ store: two, clock: { now: () => now } })
    await slots.start()
    t.equal(slots.taken(upstream), 0)
    await insert(one, aGeneration({ id: generationId(1) }))
    t.equal(await start(one, 1), 'saved')
    await slots.refresh()
    t.equal(slots.taken(upstream), 0, 'counted a moment ago')
    now += 1000
    await slots.refresh()
    t.equal(slots.taken(upstream), 1)
    const ended = anAttempt({ id: attemptId(1), upstream, state: 'failed', startedAt: START })
    const next = aGeneration({ id: generationId(1), status: 'in_progress', attempts: [ended] })
    await one.save(next, { version: 2, entries: [], lease: null })
    now += 1000
    await slots.refresh()
    t.equal(slots.taken(upstream), 0)
  })

  t.test('what is about to start here counts at once, and once', async (t) => {
    const [store] = await nodes(t)
    if (store === undefined) throw new Error('no node')
    const slots = createSharedSlots({ store, clock: { now: () => START } })
    await slots.start()
    slots.hold(upstream, attemptId(1))
    slots.hold(upstream, attemptId(2))
    t.equal(slots.taken(upstream), 2)
    slots.drop(upstream, attemptId(2))
    t.equal(slots.taken(upstream), 1)
    const attempt = anAttempt({ id: attemptId(1), upstream, state: 'binding', startedAt: START })
    slots.observe(aGeneration({ status: 'in_progress', attempts: [attempt] }))
    t.equal(slots.taken(upstream), 1)
    slots.refused(upstream, limit)
    t.equal(slots.taken(upstream), limit, 'others took them')
  })
})
