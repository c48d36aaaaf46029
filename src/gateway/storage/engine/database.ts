import { CompiledQuery, Kysely, sql, SqliteDialect } from 'kysely'
import { DEFAULT_MIGRATION_TABLE, Migrator } from 'kysely/migration'
import { createBudgetlessTenants, type BudgetlessTenants } from '../ledger/budgetless-tenants.ts'
import { openTotals, type Totals } from '../ledger/count-ledger.ts'
import { atOnce } from './at-once.ts'
import { canLook, createCheckpoints, framesPastAll, type Checkpoints } from './checkpoints.ts'
import { createGroupCommit } from './group-commit.ts'
import { migrations } from '../migrations/migrations.ts'
import { openConnection, type SqliteConnection } from './node-sqlite.ts'
import { lockForThisProcess } from './process-lock.ts'
import { makePrivate } from './private-files.ts'
import { createReportReader, type Report } from './report-reader.ts'
import type { Schema } from '../schema.ts'
import { NewerDatabaseError, StorageError } from './storage-error.ts'
import type { Locked, WriteOptions, WriteQueue } from './write-options.ts'

/** How long a write blocks this process while another program is writing to the file. */
const BUSY_TIMEOUT_MS = 2000

/** Well within the time in which Prometheus waits for an answer, which is ten seconds by default. */
const figureLimits = { limitMs: 3000, mostWaiting: 1 }

/** What the stores need from a storage engine. */
export interface Database extends AsyncDisposable {
  /** For queries outside a transaction. Sees committed data only. */
  read: Kysely<Schema>
  /**
   * Runs an operation in its own transaction and resolves once it is durable. Writes of callers run before writes of
   * workers. The operation may only await queries on its transaction, and may be run again after a transaction that was
   * rolled back. Rejects with the operation's own error, or with a StorageError.
   */
  write: <T>(
    operation: (transaction: Kysely<Schema>, locked: Locked) => Promise<T>,
    options?: WriteQueue | WriteOptions,
  ) => Promise<T>
  /**
   * For statements that count what may be lost with the server, each a transaction of its own. Null where one process owns the
   * database, and counts in memory.
   */
  counters: Kysely<Schema> | null
  /** True if concurrent transactions are possible, so that locked rows must be skipped. */
  skipLocked: boolean
  totals: Totals
  /** What `read` has returned stays as it is until this changes. Null where other processes write, too, and in memory. */
  commits: (() => number) | null
  /** Null where other processes set budgets, too. */
  budgetless: BudgetlessTenants | null
  /** For queries over much of the history. Runs off the event loop, except for a database in memory. */
  report: Report
  /** For the few figures of `/metrics`: like `report`, in a queue of its own with a short time limit. */
  figures: Report
  /** Waits for pending writes, then closes. */
  close: () => Promise<void>
}

/**
 * Opens (and creates, and migrates) an embedded database.
 *
 * @throws StorageInUseError when another process has this file open; NewerDatabaseError when a later release wrote it;
 * StorageError when the file cannot be used.
 */
export async function openDatabase({
  file,
  onMigrated,
}: {
  file: string
  /** The tables were changed: the names of the migrations, in their order. */
  onMigrated?: (names: readonly string[]) => void
}): Promise<Database> {
  await using parts = new AsyncDisposableStack()
  if (file !== ':memory:') {
    makePrivate(file)
    const lock = lockForThisProcess(file)
    parts.defer(() => lock.release())
  }
  const connection = openConnection(file, { readOnly: false, busyTimeoutMs: BUSY_TIMEOUT_MS })
  parts.defer(() => connection.close())
  // A generation is about 2 KB: a 4 KB page holds only one, an 8 KB page holds three.
  connection.exec('pragma page_size = 8192')
  connection.exec('pragma journal_mode = wal')
  connection.exec('pragma synchronous = full')
  // Savepoints copy the pages they change. Keeping the copies in a temporary file makes a save a quarter slower.
  connection.exec('pragma temp_store = memory')
  const writer = queriesOver(connection)
  const checkpoints = checkpointsOf(connection, file)
  parts.defer(() => checkpoints?.close())
  const { write, drain, commits } = createGroupCommit({ connection, kysely: writer, checkpoints })
  const made = await write((transaction) => migrate(transaction, file))
  if (made.length > 0) onMigrated?.(made)

  let read = writer
  if (file !== ':memory:') {
    const readConnection = openConnection(file, { readOnly: true, busyTimeoutMs: BUSY_TIMEOUT_MS })
    parts.defer(() => readConnection.close())
    read = await atOnce(readConnection)
  }
  parts.defer(drain)
  const totals = await openTotals({ file, read, write })
  const opened = parts.move()
  const close = () => opened.disposeAsync()
  const report = file === ':memory:' ? reportOn(read) : createReportReader(file)
  const figures = file === ':memory:' ? report : createReportReader(file, figureLimits)
  return {
    read,
    write,
    counters: null,
    skipLocked: false,
    totals,
    commits: file === ':memory:' ? null : commits,
    budgetless: createBudgetlessTenants(),
    report,
    figures,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Null where SQLite moves its log to the database file itself, within commits. */
function checkpointsOf(connection: SqliteConnection, file: string): Checkpoints | null {
  if (file === ':memory:' || !canLook(process.versions['sqlite'])) return null
  connection.exec(`pragma wal_autocheckpoint = ${framesPastAll}`)
  return createCheckpoints(connection, file)
}

function queriesOver(connection: SqliteConnection): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new SqliteDialect({ database: connection }) })
}

/** A database in memory is visible to its own connection only. */
function reportOn(read: Kysely<Schema>): Report {
  return (queries) =>
    read.transaction().execute(async (transaction) => {
      const rows: unknown[][] = []
      for (const query of queries)
        rows.push((await transaction.executeQuery(CompiledQuery.raw(query.sql, [...query.parameters]))).rows)
      return rows
    })
}

/** All migrations in one transaction, so that a crash leaves the file unchanged. */
async function migrate(transaction: Kysely<Schema>, file: string): Promise<string[]> {
  const unknown = await laterMigrations(transaction)
  if (unknown.length > 0) throw new NewerDatabaseError(file, unknown)
  const migrator = new Migrator({ db: transaction, provider: { getMigrations: async () => migrations } })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error !== undefined) {
    throw new StorageError('failed', 'failed to migrate the database', { cause: error })
  }
  return results.map(({ migrationName }) => migrationName)
}

async function laterMigrations(transaction: Kysely<Schema>): Promise<string[]> {
  const tables = await transaction.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)) return []
  const { rows } = await sql<{
    name: string
  }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)}`.execute(transaction)
  return rows.map(({ name }) => name).filter((name) => !Object.hasOwn(migrations, name))
}
