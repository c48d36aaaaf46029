import { sql, type Kysely } from 'kysely'
import t from 'tap'
import type { Test } from 'tap'
import type { Database } from '../../src/gateway/storage/engine/database.ts'
import { exclusive, shared } from '../../src/gateway/storage/engine/write-options.ts'
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

t.test('shared locks run side by side, an exclusive one waits for them', async (t) => {
  const [a, b] = await nodes(t)
  const inside = { now: 0, most: 0 }
  const visit: Operation<number> = async (transaction) => {
    inside.most = Math.max(inside.most, ++inside.now)
    await sql`select pg_sleep(0.05)`.execute(transaction)
    inside.now--
    return inside.most
  }
  await Promise.all([a, b].map((node) => node.write(visit, { locks: [shared('tenant:acme')] })))
  t.equal(inside.most, 2)
  inside.most = 0
  await Promise.all(
    [a, b].map((node, index) =>
      node.write(visit, { locks: [index === 0 ? shared('tenant:acme') : exclusive('tenant:acme')] }),
    ),
  )
  t.equal(inside.most, 1)
})
