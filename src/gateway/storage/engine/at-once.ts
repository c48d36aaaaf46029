import { DefaultQueryExecutor, Kysely, SqliteDialect, type QueryExecutor } from 'kysely'
import type { SqliteConnection } from './node-sqlite.ts'

/**
 * Queries that run when they are asked for, on a connection that nobody else has in the midst of a transaction. Kysely's own
 * `connection` lets one statement at a time begin, and wakes all that wait after each, although SQLite has answered by then.
 */
export async function atOnce<Tables>(connection: SqliteConnection): Promise<Kysely<Tables>> {
  const dialect = new SqliteDialect({ database: connection })
  const driver = dialect.createDriver()
  await driver.init()
  const held = await driver.acquireConnection()
  const executor = new DefaultQueryExecutor(dialect.createQueryCompiler(), dialect.createAdapter(), {
    provideConnection: (consumer) => consumer(held),
  })
  connections.set(executor, connection)
  return new Kysely<Tables>({ config: { dialect }, dialect, driver, executor })
}

const connections = new WeakMap<QueryExecutor, SqliteConnection>()

/** The connection on which queries of `queries` run when they are asked for; undefined where they do not. */
export function connectionOf<Tables>(queries: Kysely<Tables>): SqliteConnection | undefined {
  return connections.get(queries.getExecutor())
}
