import t from 'tap'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { mergeTotals } from '../../src/gateway/storage/postgres/merge-totals.ts'
import { classTotals } from '../../src/gateway/storage/postgres/migrations/generation-counts.ts'
import { slotTotals } from '../../src/gateway/storage/postgres/migrations/slots-taken.ts'
import { totals } from '../../src/gateway/storage/postgres/migrations/totals-tables.ts'
import { MONTH_START, unlimited } from '../contract/generations/setup.ts'
import { aGeneration, aLogEntry, anAttempt } from '../fixtures/generation.ts'
import { postgresDatabases } from './databases.ts'
import { skipsPostgres } from './server.ts'

const skip = skipsPostgres()
if (skip !== false) {
  t.comment(skip)
  process.exit(0)
}

const { open } = await postgresDatabases(t)

/** The sums of the tenant that nothing changes meanwhile. */
const without = (all: unknown[][]) => all.map((rows) => rows.filter((row) => Object(row).tenant !== 'other'))

t.test('totals are merged, by several nodes at once, without a change of any sum', async (t) => {
  const database = await open(t)
  const store = createGenerationStore(database)
  for (let number = 0; number < 40; number++) {
    const generation = aGeneration({ key: `key_${number % 3}` })
    await store.insert(generation, { entries: [aLogEntry()], idempotency: null, limits: unlimited })
    const attempts = [anAttempt({ startedAt: MONTH_START + number * 86_400_000 }), anAttempt()]
    await store.save({ ...generation, attempts }, { version: 1, entries: [], lease: null })
  }
  const sums = async () => {
    const found = []
    for (const { table, groups, sums: names } of [...totals, slotTotals, classTotals]) {
      const group = Object.keys(groups).join(', ')
      const added = names.map((name) => `sum(${name}) as ${name}`).join(', ')
      const query = {
        sql: `select ${group}, ${added} from ${table} group by ${group} order by ${group}`,
        parameters: [],
      }
      found.push(...(await database.report([query])))
    }
    return found
  }
  const before = await sums()
  const changing = Array.from({ length: 20 }, () =>
    store.insert(aGeneration({ tenant: 'other' }), { entries: [], idempotency: null, limits: unlimited }),
  )
  await Promise.all([...changing, ...[1, 2, 3].map(() => mergeTotals(database))])
  await mergeTotals(database)
  t.same(without(await sums()), without(before))
  for (const { table } of [...totals, slotTotals, classTotals]) {
    const [[row] = []] = await database.report([
      { sql: `select count(*) as left from ${table} where not merged`, parameters: [] },
    ])
    t.same(row, { left: 0 }, table)
  }
  t.equal(
    await store.committedMicros('other', 'key_studio', MONTH_START),
    20 * aGeneration().plan.worstCaseCostMicros,
  )
})

t.test('rows that were only added are merged soon after a write', async (t) => {
  const database = await open(t)
  const store = createGenerationStore(database)
  await store.insert(aGeneration(), { entries: [], idempotency: null, limits: unlimited })
  const query = { sql: 'select count(*) as left from key_open where not merged', parameters: [] }
  const deadline = Date.now() + 20_000
  let left: unknown = null
  while (Date.now() < deadline) {
    const [[row] = []] = await database.report([query])
    left = row
    if (Object(row).left === 0) break
  }
  t.same(left, { left: 0 })
})
