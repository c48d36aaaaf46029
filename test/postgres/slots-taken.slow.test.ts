import { sql, type Kysely } from 'kysely'
import t from 'tap'
import { z } from 'zod'
import { openEnd } from '../../src/gateway/domain/attempts/slot.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { exclusive } from '../../src/gateway/storage/engine/write-options.ts'
import { checkSlots } from '../../src/gateway/storage/postgres/check-slots.ts'
import { mergeTotals } from '../../src/gateway/storage/postgres/merge-totals.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import { migrationsBefore } from './migrations-before.ts'
import { aGeneration, anAttempt, attemptId, generationId, START } from '../fixtures/generation.ts'
import { insert } from '../contract/generations/setup.ts'
import { postgresDatabases } from './databases.ts'
import { skipsPostgres } from './server.ts'
import { totalsDifferences } from './totals-differences.ts'

const upstream = 'reseller-a'
const limit = 9

async function start(store: GenerationStorage, n: number, most = limit) {
  await insert(store, aGeneration({ id: generationId(n) }))
  const attempt = anAttempt({ id: attemptId(n), upstream, state: 'running', startedAt: START })
  const next = aGeneration({ id: generationId(n), status: 'in_progress', attempts: [attempt] })
  return store.save(next, {
    version: 1,
    entries: [],
    lease: null,
    slot: { upstream, limit: most, at: START },
  })
}

function end(store: GenerationStorage, n: number) {
  const attempt = anAttempt({ id: attemptId(n), upstream, state: 'failed', startedAt: START })
  const next = aGeneration({ id: generationId(n), status: 'in_progress', attempts: [attempt] })
  return store.save(next, { version: 2, entries: [], lease: null })
}

const taken = async (store: GenerationStorage) => (await store.slotsTaken(START)).get(upstream) ?? 0

t.test('the slots of upstreams as a running total', { skip: skipsPostgres() }, async (t) => {
  const { create, open, server } = await postgresDatabases(t)

  t.test(
    'counting, and starting one more, reads a bounded number of rows, whatever is in flight',
    async (t) => {
      const inFlight = 3000
      const counts = 20
      const url = await create()
      const numbers = `generate_series(1, ${inFlight}) n`
      await server.query(
        url,
        `insert into attempts (id, generation, tenant, key, upstream, kind, model, state, reserved_micros,
          cost_micros, cost_state, started_at, slot_until)
        select 'att_' || n, 'gen_' || n, 'studio', 'key', '${upstream}', 'reverse', 'sora-2', 'abandoned', 0, 1,
          'settled', ${START}, ${START + 1000} from ${numbers};
      analyze`,
      )
      const database = await openPostgres({ url, connections: 5 })
      const store = createGenerationStore(database)
      await mergeTotals(database)
      await server.query(url, 'vacuum slots_taken')
      await server.query(url, 'select pg_stat_reset()')
      for (let n = 0; n < counts; n++) t.equal(await taken(store), inFlight)
      t.equal(await start(store, 1, inFlight), 'no_slot')
      t.equal(await start(store, 2, inFlight + 1), 'saved')
      await database.close()
      const [read] = z.tuple([z.object({ rows: z.coerce.number() })]).parse(
        await server.query(
          url,
          `select (select sum(seq_tup_read) from pg_stat_user_tables where relname in ('attempts', 'slots_taken'))
            + (select sum(idx_tup_read) from pg_stat_user_indexes where relname in ('attempts', 'slots_taken')) as rows`,
        ),
      )
      t.comment(`${read.rows} rows`)
      t.ok(read.rows < (counts * inFlight) / 2, 'what was merged is read once or twice before it is skipped')
    },
  )

  t.test('what earlier releases start and end beside it is counted', async (t) => {
    const url = await server.database('upgraded')
    const old = await openPostgres({ url, connections: 5 }, migrationsBefore('0011_slots_taken'))
    t.teardown(() => old.close())
    const change = (text: string) =>
      old.write((transaction) => sql.raw(text).execute(transaction), { locks: [exclusive('test')] })
    const attempts = (first: number, last: number) =>
      change(`insert into attempts (id, generation, tenant, key, upstream, kind, model, state, reserved_micros,
          cost_micros, cost_state, started_at, slot_until)
        select 'att_' || n, 'gen_' || n, 'studio', 'key', '${upstream}', 'reverse', 'sora-2', 'abandoned', 0, 1,
          'settled', ${START}, ${START + 1000} from generate_series(${first}, ${last}) n`)
    await attempts(1, 5)
    const database = await openPostgres({ url, connections: 5 })
    t.teardown(() => database.close())
    const store = createGenerationStore(database)
    t.equal(await taken(store), 5, 'what was in flight before')
    await attempts(6, limit)
    t.equal(await taken(store), limit)
    t.equal(await start(store, 1), 'no_slot')
    await change(`update attempts set state = 'failed', slot_until = null where id = 'att_7'`)
    t.equal(await taken(store), limit - 1)
    t.equal(await start(store, 2), 'saved')
    t.equal(await start(store, 3), 'no_slot')
  })

  t.test('a wrong sum is corrected while attempts start and end', async (t) => {
    const database = await open(t)
    const store = createGenerationStore(database)
    for (let n = 0; n < 8; n++) t.equal(await start(store, n, 100), 'saved')
    const spoil = (transaction: Kysely<any>) =>
      sql`delete from slots_taken;
        insert into slots_taken values ('removed', ${sql.lit(openEnd)}, 3, true),
          (${sql.lit(upstream)}, ${sql.lit(openEnd)}, -4, false)`.execute(transaction)
    await database.write(spoil, { locks: [exclusive('merge_totals')] })
    t.equal(await taken(store), 0)
    const numbers = Array.from({ length: 20 }, (_, n) => n + 8)
    const [, ...outcomes] = await Promise.all([
      checkSlots(database),
      ...numbers.map((n) => start(store, n, 100).then(() => end(store, n))),
      ...[0, 1, 2].map((n) => end(store, n)),
    ])
    t.ok(outcomes.every((outcome) => outcome === 'saved'))
    t.same(await store.slotsTaken(START), new Map([[upstream, 5]]))
    for (const query of totalsDifferences) {
      const [rows] = await database.report([{ sql: query, parameters: [] }])
      t.same(rows, [{ n: 0 }])
    }
  })
})
