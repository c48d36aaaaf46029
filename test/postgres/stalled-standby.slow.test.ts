import { sql, type Kysely } from 'kysely'
import t from 'tap'
import type { Database } from '../../src/gateway/storage/engine/database.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import { createCommitMarks } from '../../src/gateway/storage/postgres/migrations/commit-marks.ts'
import type { Schema } from '../../src/gateway/storage/schema.ts'
import { skipsCluster, startCluster } from '../chaos/fleet/cluster.ts'

const migrations = {
  '001_notes': {
    async up(db: Kysely<unknown>) {
      await sql`create table notes (id bigint primary key)`.execute(db)
      await createCommitMarks(db)
    },
  },
}

const add = (id: number) => async (transaction: Kysely<Schema>) =>
  void (await sql`insert into notes values (${id})`.execute(transaction))

async function ids({ read }: Database): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`select id from notes order by id`.execute(read)
  return rows.map(({ id }) => id)
}

t.test(
  'a write is not confirmed while the synchronous standby does not have it, however long that takes',
  { skip: skipsCluster() },
  async (t) => {
    const cluster = await startCluster()
    t.teardown(() => cluster.remove())
    for (const preparedStatements of [true, false]) {
      const limits = { connections: 6, statementTimeoutMs: 1000, connectTimeoutMs: 500, preparedStatements }
      const database = await openPostgres({ url: cluster.url(), ...limits }, migrations)
      t.teardown(() => database.close())
      const first = preparedStatements ? 1 : 11
      await database.write(add(first))
      const resume = await cluster.stallStandby()
      await t.rejects(database.write(add(first + 1)), {
        name: 'StorageError',
        code: 'unreachable',
        mayBeWritten: true,
      })
      t.notOk((await ids(database)).includes(first + 1), 'nobody sees it meanwhile')
      resume()
      await database.write(add(first + 2))
      t.ok((await ids(database)).includes(first + 2), 'writes go on when the standby does')
    }
  },
)
