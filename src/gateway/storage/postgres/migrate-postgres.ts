import { sql, type Kysely } from 'kysely'
import { DEFAULT_MIGRATION_TABLE, Migrator } from 'kysely/migration'
import { NewerDatabaseError, StorageError } from '../engine/storage-error.ts'
import { mayRunAgain } from './postgres-errors.ts'
import { incompatible, storeCompatibility, type Migrations } from './schema-compatibility.ts'

/** How long a node waits for another one that migrates. */
const OTHER_NODE_MS = 120_000
/** What waits for the lock of a table stops everything that comes after it, so it gives up soon and tries again. */
const TABLE_LOCK_MS = 1000
/** Longer than any transaction of a node takes, such as that of a report. */
const MOST_ATTEMPTS = 60
const lockNotAvailable = '55P03'

/**
 * Brings the tables up to date, in one transaction. Nodes that start together wait for each other.
 * Resolves with the names of the migrations that were made, in their order.
 *
 * @throws NewerDatabaseError when a later release has migrated it so that this one cannot run beside it; StorageError when the server fails.
 */
export async function migratePostgres<Tables>(
  kysely: Kysely<Tables>,
  migrations: Migrations,
  database: string,
): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await kysely
        .transaction()
        .execute((transaction) => migrateWithin(transaction, migrations, database))
    } catch (error) {
      if (attempt >= MOST_ATTEMPTS || !(mayRunAgain(error) || isOf(error, lockNotAvailable))) throw error
    }
  }
}

async function migrateWithin<Tables>(
  transaction: Kysely<Tables>,
  migrations: Migrations,
  database: string,
): Promise<string[]> {
  await sql.raw(`set local statement_timeout = ${OTHER_NODE_MS}`).execute(transaction)
  await sql`select pg_advisory_xact_lock(hashtextextended('migrations', 0))`.execute(transaction)
  const applied = await appliedMigrations(transaction)
  const unknown = applied.filter((name) => !Object.hasOwn(migrations, name))
  const missing = Object.keys(migrations).filter((name) => !applied.includes(name))
  const blocking = missing.length > 0 ? unknown : await incompatible(transaction, unknown, migrations)
  if (blocking.length > 0) throw new NewerDatabaseError(database, blocking)
  if (missing.length === 0) return []
  // An index over a large table takes its time.
  await sql
    .raw(`set local statement_timeout = 0; set local lock_timeout = ${TABLE_LOCK_MS}`)
    .execute(transaction)
  const migrator = new Migrator({ db: transaction, provider: { getMigrations: async () => migrations } })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error instanceof StorageError) throw error
  if (error !== undefined)
    throw new StorageError('failed', 'failed to migrate the database', { cause: error })
  await storeCompatibility(transaction, migrations)
  return results.map(({ migrationName }) => migrationName)
}

async function appliedMigrations<Tables>(transaction: Kysely<Tables>): Promise<string[]> {
  const { rows } = await sql<{ found: boolean }>`
    select to_regclass(${DEFAULT_MIGRATION_TABLE}) is not null as found`.execute(transaction)
  if (rows[0]?.found !== true) return []
  const applied = await sql<{ name: string }>`
    select name from ${sql.table(DEFAULT_MIGRATION_TABLE)}`.execute(transaction)
  return applied.rows.map(({ name }) => name)
}

function isOf(error: unknown, code: string): boolean {
  return (
    error instanceof StorageError &&
    error.cause instanceof Error &&
    'code' in error.cause &&
    error.cause.code === code
  )
}
