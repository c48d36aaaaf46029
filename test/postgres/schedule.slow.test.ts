import { CompiledQuery } from 'kysely'
import t from 'tap'
import type { Test } from 'tap'
import * as z from 'zod'
import type { Database } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import { postgresMigrations } from '../../src/gateway/storage/postgres/postgres-migrations.ts'
import { migrationsBefore } from './migrations-before.ts'
import type { Migrations } from '../../src/gateway/storage/postgres/schema-compatibility.ts'
import { prepareDueRows } from '../../src/gateway/storage/queue/due-rows.ts'
import { insert } from '../contract/generations/setup.ts'
import { aGeneration, generationId, START } from '../fixtures/generation.ts'
import { postgresDatabases, type Databases } from './databases.ts'
import { sentBy } from './sent-by.ts'
import { skipsPostgres } from './server.ts'

const before = migrationsBefore('0012_schedule')
const generationRow = z.object({ id: z.string() })
const claim = { now: START, owner: 'new', leaseUntil: START + 1000, limit: 100 }

/** Rows of `schedule` that differ from what the generations say. */
const differing = `
  with wanted as (
    select id as generation_id, due_pool as pool, lease_owner is not null as leased,
      greatest(due_at, lease_until) as due_at, greatest(expires_at, lease_until) as expires_at
    from generations where due_at is not null)
  (select * from wanted except select * from schedule) union all (select * from schedule except select * from wanted)`

/** Due at the same time, in one pool, from a number on. */
const fill = (from: number, count: number, lease: string) => `
  insert into generations (id, tenant, key, status, created_at, due_at, due_pool, expires_at, lease_owner, lease_until,
      version, last_seq, headroom_micros, doc)
    select 'gen_' || lpad(n::text, 26, '0'), 'tenant', 'key', 'in_progress', ${START}, ${START}, 'poll:one',
      ${START}, ${lease}, 1, 1, 0, '{}'
    from generate_series(${from}, ${from + count - 1}) n`

const blocks = z.object({ 'Shared Hit Blocks': z.number(), 'Shared Read Blocks': z.number() })
const plan = z.object({ 'QUERY PLAN': z.tuple([z.object({ Plan: blocks })]) })

/** How many blocks each statement reads in a database with so many leased rows beside 200 that are free. */
async function blocksRead(t: Test, { create, server }: Databases, held: number) {
  const url = await create()
  await server.query(url, fill(1, held, `'other', ${START + 9000}`))
  await server.query(url, fill(1_000_000, 200, 'null, null'))
  await server.query(url, 'vacuum analyze')
  const database = await openPostgres({ url, connections: 5 })
  t.teardown(() => database.close())
  const due = prepareDueRows(database.read, true)
  const shares = [{ pool: 'poll:one', most: 50 }]
  const asked: Array<[name: string, run: (executor: any) => Promise<unknown>]> = [
    ['pools', (executor) => due.pools(executor, {})],
    ['earliest in a pool', (executor) => due.earliestIn(executor, { pools: '["poll:one"]' })],
    ['earliest deadline', (executor) => due.earliestExpiry(executor, {})],
    ['claim of deadlines', (executor) => due.claimExpired(executor, { ...claim, limit: 50 })],
    ['claim', (executor) => due.claim(executor, shares, claim)],
  ]
  const read = new Array<[name: string, blocks: number]>()
  for (const [name, run] of asked) {
    const { sql, parameters } = await sentBy(database, run)
    const text = `explain (analyze, buffers, timing off, format json) ${sql}`
    const { rows } = await database.write((transaction) =>
      transaction.executeQuery(CompiledQuery.raw(text, [...parameters])),
    )
    const { 'Shared Hit Blocks': hit, 'Shared Read Blocks': fetched } = plan.parse(rows[0])['QUERY PLAN'][0]
      .Plan
    read.push([name, hit + fetched])
  }
  return read
}

t.test('the schedule of what is due on PostgreSQL', { skip: skipsPostgres() }, async (t) => {
  const databases = await postgresDatabases(t)
  const { server } = databases

  t.test('a claim reads no more with 20,000 leased rows than with none', async (t) => {
    const alone = await blocksRead(t, databases, 0)
    const beside = new Map(await blocksRead(t, databases, 20_000))
    for (const [name, blocks] of alone) {
      const more = beside.get(name) ?? Infinity
      // Indexes and tables have more levels and pages.
      t.ok(more <= blocks * 1.5 + 20, `${name}: ${blocks} blocks, ${more} beside 20,000 leased rows`)
    }
  })

  t.test(
    'rows of the release before are scheduled, and so is what its nodes write beside this one',
    async (t) => {
      const url = await server.database('upgraded')
      const old = createGenerationStore(await opened(t, url, before))
      await insert(old, aGeneration({ id: generationId(1), dueAt: START }))
      await insert(old, aGeneration({ id: generationId(2), dueAt: null }))
      const store = createGenerationStore(await opened(t, url, postgresMigrations))
      await insert(old, aGeneration({ id: generationId(3), dueAt: START }))
      const first = await store.claimDue({ ...claim, limit: 1 })
      // The claim of the release before.
      const [taken] = await server.query(
        url,
        `update generations set lease_owner = 'old', lease_until = ${START + 500}
        where due_at is not null and lease_owner is null returning id`,
      )
      const ids = [...first.map(({ generation }) => generation.id), generationRow.parse(taken).id]
      t.same(ids.toSorted(), [generationId(1), generationId(3)])
      t.same(await store.claimDue(claim), [])
      t.equal((await store.claimDue({ ...claim, now: START + 500, leaseUntil: START + 2000 })).length, 1)
      t.same(await server.query(url, differing), [])
    },
  )

  t.test('every write of a generation keeps its row of the schedule, or removes it', async (t) => {
    const url = await databases.create()
    const store = createGenerationStore(await opened(t, url, postgresMigrations))
    const same = async (what: string, rows: number) => {
      t.same(await server.query(url, differing), [], what)
      t.equal((await server.query(url, 'select 1 from schedule')).length, rows, what)
    }
    for (let n = 0; n < 4; n++) await insert(store, aGeneration({ id: generationId(n), dueAt: START }))
    await same('inserted', 4)
    const claimed = await store.claimDue(claim)
    await same('claimed', 4)
    const ids = claimed.map(({ generation }) => generation.id)
    await store.renew(ids, 'new', START + 5000)
    await same('renewed', 4)
    await store.release(generationId(0), 'new', 'poll:other')
    await same('released into another pool', 4)
    for (const [{ generation, version }, dueAt] of claimed
      .slice(1, 3)
      .map((each, n) => [each, n === 0 ? null : START + 9] as const))
      await store.save(
        { ...generation, dueAt },
        { version, entries: [], lease: { owner: 'new', release: true } },
      )
    await same('saved', 3)
    await store.remove(generationId(3))
    await same('removed', 2)
  })
})

async function opened(t: Test, url: string, migrations: Migrations): Promise<Database> {
  const database = await openPostgres({ url, connections: 5 }, migrations)
  t.teardown(() => database.close())
  return database
}
