import { StatementSync } from 'node:sqlite'
import t from 'tap'
import type { Test } from 'tap'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { aGeneration } from '../fixtures/generation.ts'

const unlimited = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }

async function setUp(t: Test) {
  const file = `${t.testdir()}/understudy.db`
  const database = await openDatabase({ file })
  t.teardown(() => database.close())
  const store = createGenerationStore(database)
  const generation = aGeneration()
  await store.insert(generation, { entries: [], idempotency: null, limits: unlimited })
  return { database, store, generation }
}

t.test('a generation is read again after a commit, and not before', async (t) => {
  const { database, store, generation } = await setUp(t)
  await store.current(generation.id)
  const reads = t.capture(StatementSync.prototype, 'all', Reflect.get(StatementSync.prototype, 'all'))
  await store.current(generation.id)
  await store.current(generation.id)
  t.equal(reads().length, 0)
  await database.write(async () => undefined)
  await store.current(generation.id)
  t.equal(reads().length, 1, 'whatever was committed')
  await store.current(generation.id)
  t.equal(reads().length, 0)
})

t.test(
  'while a write is under way its changes are not seen, and once it is committed they are',
  async (t) => {
    const { database, store, generation } = await setUp(t)
    const version = async () => (await store.current(generation.id))?.version
    await version()
    await database.write(async (transaction) => {
      await transaction.updateTable('generations').set({ version: 2 }).execute()
      t.equal(await version(), 1)
      t.equal(await version(), 1)
    })
    t.equal(await version(), 2)
    const failed = database.write(async (transaction) => {
      await transaction.updateTable('generations').set({ version: 3 }).execute()
      throw new Error('changed my mind')
    })
    await t.rejects(failed)
    t.equal(await version(), 2)
  },
)

t.test('of a removed one nothing is remembered', async (t) => {
  const { store, generation } = await setUp(t)
  await store.current(generation.id)
  await store.remove(generation.id)
  t.equal(await store.current(generation.id), null)
})
