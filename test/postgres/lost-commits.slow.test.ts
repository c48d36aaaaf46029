import { setTimeout as pause } from 'node:timers/promises'
import { sql, type Kysely } from 'kysely'
import t from 'tap'
import type { Test } from 'tap'
import type { Database } from '../../src/gateway/storage/engine/database.ts'
import { exclusive } from '../../src/gateway/storage/engine/write-options.ts'
import { createCommitMarks } from '../../src/gateway/storage/postgres/migrations/commit-marks.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import type { Schema } from '../../src/gateway/storage/schema.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { aGeneration, aLogEntry, generationId, START } from '../fixtures/generation.ts'
import { startCutProxy } from './cut-proxy.ts'
import { skipsPostgres, startPostgres } from './server.ts'

const skip = skipsPostgres()
if (skip !== false) {
  t.comment(skip)
  process.exit(0)
}

const server = await startPostgres()
t.teardown(() => server.remove())

const migrations = {
  '000_commit_marks': { up: createCommitMarks },
  '001_notes': {
    async up(db: Kysely<unknown>) {
      await sql`create table notes (id bigint primary key)`.execute(db)
    },
  },
}
let databases = 0

async function stage(t: Test) {
  const url = await server.database(`lost_${++databases}`)
  const link = await startCutProxy(url)
  t.teardown(() => link.close())
  const limits = { connections: 6, statementTimeoutMs: 5000, connectTimeoutMs: 500 }
  const node = await openPostgres({ url: link.url, ...limits }, migrations)
  t.teardown(() => node.close())
  return { node, link, url }
}

/** Not idempotent: a second time it would fail. */
const add = (id: number) => async (transaction: Kysely<Schema>) => {
  await sql`insert into notes values (${id})`.execute(transaction)
  return `added ${id}`
}

async function ids({ read }: Database): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`select id from notes order by id`.execute(read)
  return rows.map(({ id }) => id)
}

async function untilWritten(node: Database, id: number): Promise<void> {
  const deadline = Date.now() + 10_000
  for (;;) {
    try {
      return void (await node.write(add(id)))
    } catch (error) {
      if (Date.now() > deadline) throw error
      await pause(20)
    }
  }
}

t.test('a write whose commit was made is answered as made although the answer to it was lost', async (t) => {
  const { node, link } = await stage(t)
  await node.write(add(1))
  const lost = link.loseCommit('after')
  // They share the transaction, and only one commit is lost.
  const writes = [2, 3, 4].map((id) => node.write(add(id), { locks: [exclusive('one')] }))
  t.same(await Promise.all(writes), ['added 2', 'added 3', 'added 4'])
  await lost
  t.same(await ids(node), [1, 2, 3, 4])
  t.equal(await node.write(add(5)), 'added 5', 'the lane is used again')
})

t.test('a write whose commit never arrived is answered as not made', async (t) => {
  const { node, link } = await stage(t)
  await node.write(add(1))
  const lost = link.loseCommit('before')
  await t.rejects(node.write(add(2)), { name: 'StorageError', code: 'unreachable', mayBeWritten: false })
  await lost
  t.same(await ids(node), [1])
  await node.write(add(2))
})

t.test(
  'a write is answered as made after a crash of the server, and what came after it is not mistaken for it',
  async (t) => {
    const { node, link } = await stage(t)
    await node.write(add(1))
    const made = link.loseCommit('after')
    const writing = node.write(add(2))
    await made
    await server.stop('SIGQUIT')
    await server.start()
    t.equal(await writing, 'added 2')

    const lost = link.loseCommit('before')
    const notMade = t.rejects(node.write(add(3)), { code: 'unreachable', mayBeWritten: false })
    await lost
    await server.stop('SIGQUIT')
    await server.start()
    await untilWritten(node, 4)
    await notMade
    t.same(await ids(node), [1, 2, 4])
  },
)

t.test(
  'a commit that is still under way is waited for, and is not taken for one that was not made',
  async (t) => {
    const { node, link, url } = await stage(t)
    await node.write(add(1))
    // Nobody sees what is committed before a standby of this name has it.
    await server.query(url, "alter system set synchronous_standby_names = 'nobody'")
    await server.query(url, 'select pg_reload_conf()')
    t.teardown(async () => {
      await server.query(url, 'alter system reset synchronous_standby_names')
      await server.query(url, 'select pg_reload_conf()')
    })
    await pause(200)
    let answered = false
    const lost = link.loseCommit('waiting')
    const writing = node.write(add(2)).finally(() => (answered = true))
    await lost
    await pause(3000)
    t.same(await ids(node), [1], 'it is not seen yet')
    t.equal(answered, false)
    await server.query(url, "alter system set synchronous_standby_names = ''")
    await server.query(url, 'select pg_reload_conf()')
    t.equal(await writing, 'added 2')
    t.same(await ids(node), [1, 2])
  },
)

t.test('where nobody can say in time whether a commit was made, the error says so', async (t) => {
  const { node, link } = await stage(t)
  await node.write(add(1))
  const lost = link.loseCommit('after')
  const started = performance.now()
  const writing = t.rejects(node.write(add(2)), { code: 'unreachable', mayBeWritten: true })
  await lost
  link.refuse(true)
  await writing
  t.ok(performance.now() - started < 13_000, 'within a bounded time')
  link.refuse(false)
  t.equal(await node.write(add(3)), 'added 3')
  t.same(await ids(node), [1, 2, 3], 'it was made')
})

t.test('what is repeatable leaves no mark and is not looked for', async (t) => {
  const { node, link, url } = await stage(t)
  const marks = () => server.query(url, 'select sum(number) as sum from commit_marks')
  await node.write(add(1))
  const before = await marks()
  await node.write(add(2), { repeatable: true })
  t.same(await marks(), before)
  const lost = link.loseCommit('after')
  await t.rejects(node.write(add(3), { repeatable: true }), { code: 'unreachable', mayBeWritten: true })
  await lost
})

t.test(
  'generations are accepted and settled once although the answers to their commits are lost',
  async (t) => {
    const url = await server.database(`lost_${++databases}`)
    const link = await startCutProxy(url)
    t.teardown(() => link.close())
    const node = await openPostgres({ url: link.url, connectTimeoutMs: 500 })
    t.teardown(() => node.close())
    const store = createGenerationStore(node)
    const generation = aGeneration({ id: generationId(1), dueAt: START })
    const terms = {
      entries: [aLogEntry({ type: 'generation.queued' })],
      idempotency: null,
      limits: { monthStart: START, monthlyBudgetMicros: null, maxInFlight: null },
    }
    const inserting = link.loseCommit('after')
    t.match(await store.insert(generation, terms), { type: 'inserted' })
    await inserting
    const [claimed] = await store.claimDue({ now: START, owner: 'one', leaseUntil: START + 60_000, limit: 1 })
    const saving = link.loseCommit('after')
    const next = { ...generation, status: 'completed' as const, dueAt: null }
    const entries = [aLogEntry({ type: 'generation.completed' })]
    const lease = { owner: 'one', release: true }
    t.equal(await store.save(next, { version: claimed?.version ?? 0, entries, lease }), 'saved')
    await saving
    t.same(
      (await store.events(generation.id, 0, 10)).map(({ seq, type }) => `${seq} ${type}`),
      ['1 generation.queued', '2 generation.completed'],
    )
  },
)
