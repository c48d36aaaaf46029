import { isDeepStrictEqual } from 'node:util'
import { sql, type Kysely } from 'kysely'
import { Client } from 'pg'
import t from 'tap'
import type { Test } from 'tap'
import type { Database } from '../../src/gateway/storage/engine/database.ts'
import { recorded } from '../../bench/postgres/recorded.ts'
import { allOf } from '../../src/gateway/storage/engine/all-of.ts'
import { keyLock, tenantLock } from '../../src/gateway/storage/engine/lock-names.ts'
import { exclusive, shared, type Lock } from '../../src/gateway/storage/engine/write-options.ts'
import { lockStatement } from '../../src/gateway/storage/postgres/held-locks.ts'
import { createCommitMarks } from '../../src/gateway/storage/postgres/migrations/commit-marks.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import type { PostgresSettings } from '../../src/gateway/storage/postgres/postgres-settings.ts'
import type { Schema } from '../../src/gateway/storage/schema.ts'
import { skipsPostgres, startPostgres } from './server.ts'

const skip = skipsPostgres()
if (skip !== false) {
  t.comment(skip)
  process.exit(0)
}

const server = await startPostgres({ deadlock_timeout: '100ms' })
t.teardown(() => server.remove())

const migrations = {
  '000_commit_marks': { up: createCommitMarks },
  '001_notes': {
    async up(db: Kysely<unknown>) {
      await sql`create table notes (id bigint primary key, text text not null)`.execute(db)
    },
  },
}

let databases = 0

/** Two nodes over one database of the test alone, which has a table of notes. */
async function nodes(t: Test, settings: Partial<PostgresSettings> = {}): Promise<[Database, Database]> {
  const url = await server.database(`engine_${++databases}`)
  const open = async () => {
    const database = await openPostgres({ url, ...settings }, migrations)
    t.teardown(() => database.close())
    return database
  }
  return [await open(), await open()]
}

type Operation<T> = (transaction: Kysely<Schema>) => Promise<T>

const add =
  (id: number): Operation<void> =>
  async (transaction) =>
    void (await sql`insert into notes values (${id}, ${`note ${id}`})`.execute(transaction))

const sleep =
  (seconds: number): Operation<void> =>
  async (transaction) =>
    void (await sql`select pg_sleep(${seconds})`.execute(transaction))

const statement = (text: string) => ({
  async up(db: Kysely<unknown>) {
    await sql.raw(text).execute(db)
  },
})

async function ids({ read }: Database): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`select id from notes order by id`.execute(read)
  return rows.map(({ id }) => id)
}

t.test('what is written can be read, with numbers as numbers', async (t) => {
  const [node] = await nodes(t)
  await node.write(add(2 ** 53 - 1))
  t.same(await ids(node), [2 ** 53 - 1])
  await node.write(add(1))
  const { rows } = await sql`
    select sum(id) - ${2 ** 53 - 1}::bigint as total, avg(1.5) as mean, count(*) as found from notes`.execute(
    node.read,
  )
  t.same(rows, [{ total: 1, mean: 1.5, found: 2 }])
  await t.rejects(sql`select 9007199254740993::bigint`.execute(node.read), /too large/)
  t.same(await ids(node), [1, 2 ** 53 - 1], 'the connection is still good')
})

t.test('reads cannot write', async (t) => {
  const [node] = await nodes(t)
  await t.rejects(add(1)(node.read), /read-only/)
})

t.test('an operation that throws undoes its own writes and not those of its neighbours', async (t) => {
  const [node] = await nodes(t, { connections: 4 })
  const failing: Operation<void> = async (transaction) => {
    await add(2)(transaction)
    throw new Error('changed my mind')
  }
  const outcomes = await Promise.allSettled([
    node.write(add(1), { locks: [] }),
    node.write(failing, { locks: [] }),
    node.write(add(3), { locks: [] }),
    node.write(add(3), { locks: [] }),
    node.write(add(4), { locks: [] }),
  ])
  t.same(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
  )
  t.match(outcomes[1], { reason: { message: 'changed my mind' } })
  t.match(outcomes[3], { reason: { name: 'StorageError', code: 'failed', message: /duplicate key/ } })
  t.same(await ids(node), [1, 3, 4])
})

t.test('statements of a transaction are sent without waiting for each other, in their order', async (t) => {
  const [node] = await nodes(t)
  await node.write(async (transaction) => {
    const asked = new Array<Promise<unknown>>()
    const sent = await recorded(async () => {
      for (const id of [1, 2, 3]) asked.push(add(id)(transaction))
    })
    t.equal(sent.length, 3, 'before any is answered')
    await Promise.all(asked)
  })
  t.same(await ids(node), [1, 2, 3])
})

t.test('what failed first is told, whatever was sent after it', async (t) => {
  const [node] = await nodes(t)
  await node.write(add(1))
  const all: Operation<unknown> = (transaction) => allOf([2, 1, 3].map((id) => add(id)(transaction)))
  await t.rejects(node.write(all), /duplicate key/)
  const last: Operation<void> = async (transaction) => {
    const outcomes = await Promise.allSettled([1, 2, 3].map((id) => add(id)(transaction)))
    for (const each of outcomes.toReversed()) if (each.status === 'rejected') throw each.reason
  }
  await t.rejects(node.write(last), /duplicate key/)
  const unnoticed: Operation<unknown> = (transaction) => Promise.allSettled([add(1)(transaction)])
  await t.rejects(node.write(unnoticed), /duplicate key/, 'nothing is committed')
  t.same(await ids(node), [1])
})

/** Looks, then acts: without a lock, two transactions would both see that there is room. */
const addIfFewer =
  (than: number, id: number): Operation<boolean> =>
  async (transaction) => {
    const { rows } = await sql<{ found: number }>`select count(*) as found from notes`.execute(transaction)
    if ((rows[0]?.found ?? 0) >= than) return false
    await sql`select pg_sleep(0.002)`.execute(transaction)
    await add(id)(transaction)
    return true
  }

t.test('what is looked at under a lock holds until the commit, on all nodes', async (t) => {
  const [a, b] = await nodes(t)
  for (const locks of [undefined, [exclusive("key:acme/o'neill\\")], [exclusive('b'), exclusive('a')]]) {
    const had = (await ids(a)).length
    const added = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 === 0 ? a : b).write(addIfFewer(had + 5, had * 100 + index), locks && { locks }),
      ),
    )
    t.equal(added.filter(Boolean).length, 5)
  }
})

interface Visit {
  from: number
  to: number
}

/** From when to when the server was in a transaction, by its clock. */
const visit: Operation<Visit> = async (transaction) => {
  const now = sql<{ at: number }>`select extract(epoch from clock_timestamp()) as at`
  const from = (await now.execute(transaction)).rows[0]?.at ?? NaN
  await sleep(0.1)(transaction)
  return { from, to: (await now.execute(transaction)).rows[0]?.at ?? NaN }
}

const overlap = ([a, b]: [Visit, Visit]): boolean => a.from < b.to && b.from < a.to

t.test('shared locks run side by side, an exclusive one waits for them', async (t) => {
  const [a, b] = await nodes(t)
  const both = (mine: Lock, theirs: Lock) =>
    Promise.all([a.write(visit, { locks: [mine] }), b.write(visit, { locks: [theirs] })])
  const name = 'tenant:acme'
  // Connections are opened with the first writes.
  await both(shared(name), shared(name))
  t.ok(overlap(await both(shared(name), shared(name))))
  t.notOk(overlap(await both(shared(name), exclusive(name))))
  t.notOk(overlap(await both(exclusive(name), exclusive(name))))
})

t.test(
  'a node of a release that took the lock of a key before that of its tenant blocks this one for a moment',
  async (t) => {
    const url = await server.database('blocked')
    // Whoever finds the circle ends its own transaction: time for the other to close it, and then this node is the one.
    await server.query(url, `alter database blocked set deadlock_timeout = '2s'`)
    const node = await openPostgres({ url }, migrations)
    t.teardown(() => node.close())
    const other = new Client({ connectionString: url })
    await other.connect()
    t.teardown(() => other.end())
    const [key, tenant] = [keyLock('acme', 'studio'), tenantLock('acme').change]
    const take = (lock: Lock) => other.query(lockStatement([lock]))
    const waiting = `select count(*)::int as n from pg_locks where locktype = 'advisory' and not granted`
    await other.query(`set deadlock_timeout = '30s'; begin`)
    await take(key)
    let runs = 0
    const operation: Operation<void> = (transaction) => {
      runs++
      return add(1)(transaction)
    }
    const written = node.write(operation, { locks: [key, tenant] })
    while (!isDeepStrictEqual(await server.query(url, waiting), [{ n: 1 }]));
    await take(tenant)
    await other.query('commit')
    await written
    t.same(await ids(node), [1])
    t.equal(runs, 2)
  },
)

t.test('transactions that block each other are run again, and each takes effect once', async (t) => {
  const [a, b] = await nodes(t)
  await a.write(async (transaction) => {
    await add(1)(transaction)
    await add(2)(transaction)
  })
  let runs = 0
  const touch = (first: number, second: number): Operation<void> => {
    return async (transaction) => {
      runs++
      for (const id of [first, second]) {
        await sql`update notes set text = text || '+' where id = ${id}`.execute(transaction)
        await sql`select pg_sleep(0.05)`.execute(transaction)
      }
    }
  }
  await Promise.all([a.write(touch(1, 2), { locks: [] }), b.write(touch(2, 1), { locks: [] })])
  const { rows } = await sql`select text from notes order by id`.execute(a.read)
  t.same(rows, [{ text: 'note 1++' }, { text: 'note 2++' }])
  t.ok(runs > 2, `${runs} runs`)
})

t.test('the queue of writes has a bound, and a write that waits for too long is turned away', async (t) => {
  const [node, other] = await nodes(t, { connections: 4, statementTimeoutMs: 500 })
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10_002 }, (_, id) => node.write(id === 0 ? sleep(0.4) : add(id))),
  )
  const refused = outcomes.slice(10_000)
  t.match(
    refused,
    [1, 2].map(() => ({ status: 'rejected', reason: { code: 'busy', message: /10000 queued/ } })),
  )
  const codes = new Set(outcomes.map((each) => (each.status === 'rejected' ? each.reason.code : 'written')))
  t.same(codes, new Set(['written', 'busy']))
  t.equal((await ids(other)).length, outcomes.filter(({ status }) => status === 'fulfilled').length - 1)
})

t.test('a statement that runs too long is ended and changes nothing', async (t) => {
  const [node] = await nodes(t, { statementTimeoutMs: 200 })
  const writing = node.write(async (transaction) => {
    await add(1)(transaction)
    await sleep(5)(transaction)
  })
  await t.rejects(writing, { name: 'StorageError', code: 'busy' })
  await t.rejects(sql`select pg_sleep(5)`.execute(node.read), { name: 'StorageError', code: 'busy' })
  t.same(await ids(node), [])
})

t.test('behind a pooler in transaction mode nothing of a session is needed', async (t) => {
  const [node] = await nodes(t, { preparedStatements: false, statementTimeoutMs: 300 })
  for (let id = 0; id < 5; id++) await node.write(add(id))
  t.same(await ids(node), [0, 1, 2, 3, 4])
  await t.rejects(node.write(sleep(5)), { code: 'busy', message: /statement timeout/ })
  const { rows } = await sql`select name from pg_prepared_statements`.execute(node.read)
  t.same(rows, [])
})

t.test('the number of prepared statements is bounded', async (t) => {
  const [node] = await nodes(t, { connections: 4 })
  for (let round = 0; round < 2; round++)
    for (let column = 0; column < 400; column++)
      await sql`select 1 as ${sql.id(`column_${column}`)}`.execute(node.read)
  const { rows } = await sql<{ found: number }>`select count(*) as found from pg_prepared_statements`.execute(
    node.read,
  )
  t.equal(rows[0]?.found, 300)
})

t.test('a report reads from one snapshot, within its time', async (t) => {
  const [node, other] = await nodes(t)
  await node.write(add(1))
  const count = { sql: 'select count(*) as found from notes', parameters: [] }
  const lock = { sql: 'select pg_advisory_xact_lock(42)', parameters: [] }
  const waiting = sql<{ found: boolean }>`select exists (
    select 1 from pg_locks where locktype = 'advisory' and objid = 42 and not granted) as found`
  const { reading } = await other.write(async (transaction) => {
    await sql`select pg_advisory_xact_lock(42)`.execute(transaction)
    const reading = node.report([count, lock, count])
    while (!(await waiting.execute(transaction)).rows[0]?.found) {
      await sql`select pg_sleep(0.01)`.execute(transaction)
    }
    await add(2)(transaction)
    return { reading }
  })
  const [before, , after] = await reading
  t.same(before, [{ found: 1 }])
  t.same(after, before)
  await t.rejects(node.figures([{ sql: 'select pg_sleep($1)', parameters: [30] }]), { code: 'busy' })
  t.same(await node.figures([count]), [[{ found: 2 }]])
})

t.test('nodes that start at once migrate once', async (t) => {
  const url = await server.database('starts')
  let runs = 0
  const slow = {
    '000_commit_marks': { up: createCommitMarks },
    '001_notes': {
      async up(db: Kysely<unknown>) {
        runs++
        await sql`create table notes (id bigint primary key, text text not null)`.execute(db)
        await sql`select pg_sleep(0.1)`.execute(db)
      },
    },
  }
  const opened = await Promise.all(Array.from({ length: 4 }, () => openPostgres({ url }, slow)))
  t.equal(runs, 1)
  await opened[3]?.write(add(1))
  for (const database of opened) await database.close()
  const later = {
    ...slow,
    '002_more': statement('select 1'),
  }
  await (await openPostgres({ url }, later)).close()
  await t.rejects(openPostgres({ url }, slow), { name: 'NewerDatabaseError', message: /starts.*002_more/ })
})

t.test('a migration that fails leaves nothing behind', async (t) => {
  const url = await server.database('fails')
  const failing = {
    ...migrations,
    '002_wrong': statement('select * from nowhere'),
  }
  await t.rejects(openPostgres({ url }, failing), { name: 'StorageError', message: /nowhere/ })
  t.same(await server.query(url, "select to_regclass('notes') as found"), [{ found: null }])
})

t.test('a migration does not stop the queries of others while it waits for a table', async (t) => {
  const [node] = await nodes(t)
  const reader = node.read.transaction().execute(async (transaction) => {
    await sql`select * from notes`.execute(transaction)
    await sql`select pg_sleep(8)`.execute(transaction)
  })
  const url = server.url(`engine_${databases}`)
  const altering = {
    ...migrations,
    '002_more': statement('alter table notes add column more text'),
  }
  const opening = openPostgres({ url }, altering)
  await sql`select pg_sleep(1)`.execute(node.read)
  const before = performance.now()
  await node.write(add(1))
  t.ok(performance.now() - before < 6000, 'the table was free again soon')
  await reader
  await (await opening).close()
})
