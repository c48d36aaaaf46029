import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import type { Test } from 'tap'
import { everyGeneration } from '../../src/gateway/domain/generation/search/generation-filter.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { aGeneration, aLogEntry } from '../fixtures/generation.ts'
import { countsAgree } from '../contract/generations/counts.suite.ts'
import { listed } from '../contract/generations/setup.ts'

const dump = readFileSync(new URL('../fixtures/storage/release-0008.sql', import.meta.url), 'utf8')
const january = Date.UTC(2026, 0, 1)
const unlimited = { monthStart: january, monthlyBudgetMicros: null, maxInFlight: null }
const all = {
  tenant: null,
  from: january,
  to: Date.UTC(2026, 1, 1),
  groupBy: ['upstream'],
  limit: 10,
} as const

function fileOfEarlierRelease(t: Test, more = ''): string {
  const file = `${t.testdir()}/understudy.db`
  using database = new DatabaseSync(file, { enableForeignKeyConstraints: false })
  database.exec(dump)
  database.exec(more)
  return file
}

t.test(
  'a file of an earlier release is read, written and counted, and answers the same all along',
  async (t) => {
    const file = fileOfEarlierRelease(t)
    await using database = await openDatabase({ file })
    const store = createGenerationStore(database)
    t.notOk(database.totals.usable, 'nothing is answered from totals that are not counted')
    const before = await store.usage(all)
    t.match(before.totals, {
      attempts: 4,
      generations: 3,
      videos: 2,
      costMicros: 1107,
      reservedMicros: 120_000,
    })
    const committed = await store.committedMicros('studio', 'studio', january)

    const added = aGeneration({ key: 'studio' })
    await store.insert(added, { entries: [aLogEntry()], idempotency: null, limits: unlimited })
    const withAdded = await store.committedMicros('studio', 'studio', january)
    t.equal(withAdded, committed + added.plan.worstCaseCostMicros, 'what is added meanwhile counts at once')

    t.equal(await store.countLedger(), 5, 'four attempts, and one generation that is not over')
    t.equal(await store.countLedger(), 0)
    t.ok(database.totals.usable)
    t.strictSame(await store.usage(all), before)
    t.equal(await store.committedMicros('studio', 'studio', january), withAdded)
    t.equal(
      (await listed(store, { tenant: 'studio', status: null, character: null, before: null, limit: 9 }))
        .length,
      4,
    )
  },
)

t.test(
  'what vendors said before it was a sum is counted, and compared, without a wait for budgets',
  async (t) => {
    const file = fileOfEarlierRelease(t)
    {
      await using database = await openDatabase({ file })
      const store = createGenerationStore(database)
      while ((await store.countLedger()) > 0);
    }
    // As a release left it that kept what the vendor said with the generation alone.
    {
      using raw = new DatabaseSync(file)
      const { id } =
        raw.prepare("select id from attempts where cost_state = 'settled' and cost_micros > 0").get() ?? {}
      raw
        .prepare(
          `update generations set doc = json_set(doc, '$.attempts[' ||
      (select key from json_each(doc, '$.attempts') where value ->> 'id' = :id) || '].vendorCostMicros', 2000)
      where id = (select generation from attempts where id = :id)`,
        )
        .run({ id: String(id) })
      raw.exec("update attempts set vendor_read = 0; delete from totals_check where name = 'vendor_costs'")
    }
    await using database = await openDatabase({ file })
    const store = createGenerationStore(database)
    t.ok(database.totals.usable, 'budgets go on by their totals')
    t.notOk(database.totals.reportable)
    t.match((await store.usage(all)).totals, { vendorAttempts: 0 })
    t.equal(await store.countLedger(), 4)
    t.match((await store.usage(all)).totals, { vendorAttempts: 1, vendorMicros: 2000 })
    t.equal(await store.countLedger(), 0)
    t.ok(database.totals.reportable)
    t.match((await store.usage(all)).totals, { vendorAttempts: 1, vendorMicros: 2000 })
  },
)

t.test('counting goes on where a process that was ended had come to', async (t) => {
  const file = fileOfEarlierRelease(t)
  {
    await using database = await openDatabase({ file })
    await createGenerationStore(database).countLedger()
  }
  await using database = await openDatabase({ file })
  t.notOk(database.totals.usable, 'counted, and not compared')
  t.equal(await createGenerationStore(database).countLedger(), 0)
  t.ok(database.totals.usable)
})

t.test('totals that are not those of the attempts are not used', async (t) => {
  const file = fileOfEarlierRelease(t)
  const warned: string[] = []
  const listen = ({ message }: Error) => void warned.push(message)
  process.on('warning', listen)
  t.teardown(() => process.off('warning', listen))
  await using database = await openDatabase({ file })
  const store = createGenerationStore(database)
  const before = await store.usage(all)
  await store.countLedger()
  await database.write((transaction) =>
    transaction.updateTable('usage_days').set({ cost_micros: 1 }).execute(),
  )
  t.equal(await store.countLedger(), 0)
  t.notOk(database.totals.usable)
  t.strictSame(await store.usage(all), before)
  await new Promise((resolve) => setImmediate(resolve))
  t.match(warned.join('\n'), /running totals are not used/)
})

t.test('the generations that a file of an earlier release has are counted', async (t) => {
  await using database = await openDatabase({ file: fileOfEarlierRelease(t) })
  const store = createGenerationStore(database)
  const filter = { ...everyGeneration, characters: null, now: january }
  const { data } = await store.list({ filter, before: null, limit: 9 })
  t.equal(data.length, 3)
  for (const tenant of [null, 'studio', 'nobody'])
    for (const attemptState of [null, 'succeeded', 'failed'] as const)
      await countsAgree(t, store, new Map(data.entries()), { ...filter, tenant, attemptState })
})
