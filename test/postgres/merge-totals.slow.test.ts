import { sql } from 'kysely'
import t from 'tap'
import { z } from 'zod'
import type { Database } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { mergeTotals } from '../../src/gateway/storage/postgres/merge-totals.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import { aGeneration, anAttempt, attemptId, generationId, START } from '../fixtures/generation.ts'
import { postgresDatabases } from './databases.ts'
import { skipsPostgres } from './server.ts'
import { totalsDifferences } from './totals-differences.ts'

const limits = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }
const everything = { tenant: null, from: 0, to: 100_000 * 86_400_000, groupBy: [], limit: 1 }
const counted = z.tuple([z.object({ n: z.number() })])

async function count(database: Database, query: string): Promise<number> {
  return counted.parse((await sql.raw(query).execute(database.read)).rows)[0].n
}

t.test(
  'totals that nodes merge while others write are those of the attempts, in a few rows',
  { skip: skipsPostgres() },
  async (t) => {
    const { create } = await postgresDatabases(t)
    const url = await create()
    await using one = await openPostgres({ url, connections: 6 })
    await using other = await openPostgres({ url, connections: 6 })
    const stores = [createGenerationStore(one), createGenerationStore(other)]
    async function live(number: number): Promise<void> {
      const store = stores[number % 2] ?? stores[0]
      const attempt = anAttempt({
        id: attemptId(number),
        state: 'running',
        upstream: `reseller-${number % 3}`,
        startedAt: START + number,
        submittedAt: START + number,
        reservedMicros: 10 + number,
      })
      const first = aGeneration({ id: generationId(number), key: `key-${number % 5}`, attempts: [] })
      await store?.insert(first, { entries: [], idempotency: null, limits })
      const running = { ...first, status: 'in_progress' as const, attempts: [attempt] }
      await store?.save(running, { version: 1, entries: [], lease: null })
      const done = {
        ...attempt,
        state: 'succeeded' as const,
        costState: 'settled' as const,
        costMicros: 7 + number,
        renderedAt: START + number + 5000,
        endedAt: START + number + 6000,
        delivered: true,
      }
      const ended = { ...running, status: 'completed' as const, dueAt: null, attempts: [done] }
      await store?.save(ended, { version: 2, entries: [], lease: null })
    }
    const numbers = Array.from({ length: 400 }, (_, number) => number + 1)
    for (let first = 0; first < numbers.length; first += 50)
      await Promise.all([...numbers.slice(first, first + 50).map(live), mergeTotals(one), mergeTotals(other)])
    const before = await stores[0]?.usage(everything)
    await mergeTotals(one)
    t.same(await stores[0]?.usage(everything), before)
    t.equal(before?.totals.generations, 400)
    for (const query of totalsDifferences) t.equal(await count(one, query), 0)
    for (const table of ['key_open', 'key_months', 'usage_days', 'usage_paths'])
      t.ok((await count(one, `select count(*) as n from ${table}`)) < 200, table)
    t.equal(
      await count(one, `select deadlocks as n from pg_stat_database where datname = current_database()`),
      0,
    )
  },
)
