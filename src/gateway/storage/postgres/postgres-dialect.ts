import {
  CompiledQuery,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely'
import type { Pool, PoolClient, QueryConfig } from 'pg'
import { connect } from './connection-pool.ts'
import { gatherWrites, type Gather } from './gathered-writes.ts'
import { StorageError } from '../engine/storage-error.ts'
import { asStorageError, breaksConnection, isVoidPlan } from './postgres-errors.ts'
import { runAgain } from './run-again.ts'
import type { StatementNames } from './statement-names.ts'

/** What the driver answers; several statements without parameters are answered with a list, which has no rows here. */
interface Answer<Row> {
  command?: string
  rowCount?: number | null
  rows?: Row[]
}

interface Queries {
  query<Row>(query: QueryConfig<unknown[]>): Promise<Answer<Row>>
}

const changing = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])
/** Only these are worth to be prepared, and several statements in one text cannot be. */
const preparable = /^\s*(?:select|with|insert|update|delete)\b[^;]*$/i

/** Kysely's dialect over a pool, with prepared statements (`names` not null) and with every error as a StorageError. */
export function postgresDialect(pool: Pool, names: StatementNames | null): Dialect {
  return {
    createAdapter: () => new LockedAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createDriver: () => createDriver(pool, names),
  }
}

/** Migrations run under a lock of ours. The one of Kysely would let them wait for a table for an hour. */
class LockedAdapter extends PostgresAdapter {
  override acquireMigrationLock(): Promise<void> {
    return Promise.resolve()
  }

  override releaseMigrationLock(): Promise<void> {
    return Promise.resolve()
  }
}

function createDriver(pool: Pool, names: StatementNames | null): Driver {
  const open = new WeakMap<DatabaseConnection, PostgresConnection>()
  return {
    init: () => Promise.resolve(),
    async acquireConnection() {
      const connection = new PostgresConnection(await connect(pool), names)
      open.set(connection, connection)
      return connection
    },
    async beginTransaction(connection, { isolationLevel = 'read committed', accessMode }) {
      await run(connection, `begin isolation level ${isolationLevel} ${accessMode ?? ''}`)
    },
    async commitTransaction(connection) {
      await run(connection, 'commit')
    },
    async rollbackTransaction(connection) {
      if (open.get(connection)?.broken !== true) await run(connection, 'rollback')
    },
    releaseConnection(connection) {
      open.get(connection)?.release()
      return Promise.resolve()
    },
    destroy: () => pool.end(),
  }
}

async function run(connection: DatabaseConnection, text: string): Promise<void> {
  await connection.executeQuery(CompiledQuery.raw(text))
}

class PostgresConnection implements DatabaseConnection {
  readonly #client: PoolClient
  readonly #names: StatementNames | null
  readonly #gather: Gather
  #inTransaction = false
  /** What failed first in the transaction. All that was sent after it fails because of it, with errors that say less. */
  #failure: StorageError | null = null
  /** The connection is closed on release, and the server ends its transaction. */
  broken = false

  constructor(client: PoolClient, names: StatementNames | null) {
    this.#client = client
    this.#names = names
    this.#gather = gatherWrites(client)
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (query.sql.startsWith('begin')) this.#inTransaction = true
    if (/^(?:begin|rollback)/.test(query.sql)) this.#failure = null
    const attempt = () => this.#run<Row>(query)
    try {
      // In a transaction, all of it has to run again.
      return await (this.#inTransaction ? attempt() : runAgain(attempt))
    } finally {
      if (query.sql === 'commit' || query.sql === 'rollback') this.#inTransaction = false
    }
  }

  async #run<Row>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const queries: Queries = this.#client
    const name = preparable.test(text) ? this.#names?.of(text) : undefined
    this.#gather()
    try {
      const answer = await queries.query<Row>({
        text,
        values: [...parameters],
        ...(name !== undefined && { name }),
      })
      const { command = '', rowCount = null, rows = [] } = answer
      if (text === 'commit' && command === 'ROLLBACK')
        throw new Error('the transaction was rolled back, because one of its statements failed')
      return { rows, ...(changing.has(command) && { numAffectedRows: BigInt(rowCount ?? 0) }) }
    } catch (error) {
      const translated = asStorageError(error)
      if (name !== undefined && isVoidPlan(translated)) this.#names?.forget(text, name)
      this.broken ||= breaksConnection(translated) || text === 'commit' || text === 'rollback'
      if (!this.#inTransaction || !(translated instanceof StorageError)) throw translated
      throw (this.#failure ??= translated)
    }
  }

  streamQuery(): never {
    throw new Error('rows are not streamed: select a bounded number of them')
  }

  release(): void {
    this.#client.release(this.broken)
  }
}
