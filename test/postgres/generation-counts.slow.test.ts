import * as fc from 'fast-check'
import t from 'tap'
import { everyGeneration } from '../../src/gateway/domain/generation/search/generation-filter.ts'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import type { Database } from '../../src/gateway/storage/engine/database.ts'
import { mergeTotals } from '../../src/gateway/storage/postgres/merge-totals.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import { change, changes, countsAgree } from '../contract/generations/counts.suite.ts'
import { START } from '../fixtures/generation.ts'
import { postgresDatabases } from './databases.ts'
import { migrationsBefore } from './migrations-before.ts'
import { skipsPostgres } from './server.ts'
import { totalsDifferences } from './totals-differences.ts'

const all = { ...everyGeneration, characters: null, now: START }
/** The same ones in each run: what several nodes do each to generations of their own. */
const drawn = fc.sample(changes, { numRuns: 4, seed: 5 })

async function differencesOf(database: Database): Promise<unknown> {
  const found = []
  for (const sql of totalsDifferences) found.push(...(await database.report([{ sql, parameters: [] }])))
  return found.flat()
}

const none = totalsDifferences.map(() => ({ n: 0 }))

t.test('counts of generations as running totals', { skip: skipsPostgres() }, async (t) => {
  const { create, server } = await postgresDatabases(t)

  t.test('what several nodes do at once, and merge meanwhile, is counted once', async (t) => {
    const url = await create()
    const nodes = await Promise.all([1, 2].map(() => openPostgres({ url, connections: 5 })))
    for (const node of nodes) t.teardown(() => node.close())
    const there = drawn.map(() => new Map<number, Generation>())
    await Promise.all(
      drawn.map(async (made, nth) => {
        const node = nodes[nth % nodes.length]
        const own = there[nth]
        if (node === undefined || own === undefined) throw new Error('no node')
        for (const [place, each] of made.entries()) {
          await change(createGenerationStore(node), own, each)
          if (place % 5 === 0) await mergeTotals(node)
        }
      }),
    )
    const left = new Map(there.flatMap((own) => [...own.values()]).entries())
    t.ok(left.size > 5)
    for (const node of nodes) {
      const store = createGenerationStore(node)
      for (const asked of [{}, { tenant: 'studio' }, { key: 'two', attemptState: 'running' as const }])
        await countsAgree(t, store, left, { ...all, ...asked })
      t.same(await differencesOf(node), none)
    }
  })

  t.test('what there was, and what an earlier release does beside it, is counted', async (t) => {
    const url = await server.database('counted')
    const old = await openPostgres({ url, connections: 5 }, migrationsBefore('0013_generation_counts'))
    t.teardown(() => old.close())
    const there = new Map<number, Generation>()
    const [first = [], second = [], third = []] = drawn
    for (const each of first) await change(createGenerationStore(old), there, each)
    t.ok(there.size > 2)
    const database = await openPostgres({ url, connections: 5 })
    t.teardown(() => database.close())
    const store = createGenerationStore(database)
    await countsAgree(t, store, there, all)
    for (const each of second) await change(createGenerationStore(old), there, each)
    await countsAgree(t, store, there, all)
    for (const each of third) await change(store, there, each)
    await countsAgree(t, store, there, { ...all, status: 'completed' })
    t.same(await differencesOf(database), none)
  })
})
