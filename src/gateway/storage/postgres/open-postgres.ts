import { Kysely, type Dialect } from 'kysely'
import type { Database } from '../engine/database.ts'
import type { Schema } from '../schema.ts'
import { createCommitMarks, removeOldMarks } from './commit-marks.ts'
import { createPool, sessionSettings, type PoolUse } from './connection-pool.ts'
import { createTotalsMerger } from './merge-totals.ts'
import { migratePostgres } from './migrate-postgres.ts'
import { createPipeline } from './pipeline.ts'
import { postgresDialect } from './postgres-dialect.ts'
import { postgresMigrations } from './postgres-migrations.ts'
import { createPostgresReports } from './postgres-reports.ts'
import { completeSettings, shareConnections, type PostgresSettings } from './postgres-settings.ts'
import { runGroup } from './run-group.ts'
import type { Migrations } from './schema-compatibility.ts'
import { createStatementNames } from './statement-names.ts'
import { createWriteLanes } from './write-lanes.ts'

const reportLimits = { limitMs: 20_000, mostWaiting: 16 }
/** Well within the time in which Prometheus waits for an answer, which is ten seconds by default. */
const figureLimits = { limitMs: 3000, mostWaiting: 1 }

/** What waits for a place in a rate has a deadline of its own, and asks again. */
const counterTimeoutMs = 5000

/** Triggers have counted every attempt since the first one, so there is nothing to catch up with. */
const totals: Database['totals'] = { usable: true, reportable: true, catchUp: () => Promise.resolve(0) }

/**
 * Opens (and migrates) a PostgreSQL database, which any number of nodes may share. A server that goes away makes reads
 * and writes fail with a StorageError `unreachable`; once it is back they succeed again.
 * @throws NewerDatabaseError when a later release migrated it so that this one cannot run beside it; StorageError when the server cannot be used.
 */
export async function openPostgres(
  settings: PostgresSettings,
  migrations: Migrations = postgresMigrations,
): Promise<Database> {
  const complete = completeSettings(settings)
  const { statementTimeoutMs, preparedStatements, connections } = complete
  const { writes, reads } = shareConnections(connections)
  await using parts = new AsyncDisposableStack()

  function dialectFor(use: PoolUse): Dialect {
    return postgresDialect(createPool(complete, use), preparedStatements ? createStatementNames() : null)
  }

  function open(use: PoolUse, dialect: Dialect = dialectFor(use)): Kysely<Schema> {
    const kysely = new Kysely<Schema>({ dialect })
    parts.defer(() => kysely.destroy())
    return kysely
  }

  const writer = { connections: writes, statementTimeoutMs, readOnly: false }
  const dialect = dialectFor(writer)
  const write = open(writer, dialect)
  const pipeline = createPipeline(write, dialect)
  const made = await migratePostgres(write, migrations, addressOf(settings.url))
  if (made.length > 0) settings.onMigrated?.(made)
  await removeOldMarks(write)
  const read = open({ connections: reads, statementTimeoutMs, readOnly: true })
  const reporting = open({ connections: 1, statementTimeoutMs: reportLimits.limitMs, readOnly: true })
  const counting = open({ connections: 1, statementTimeoutMs: figureLimits.limitMs, readOnly: true })
  const counters = open({ connections: 1, statementTimeoutMs: counterTimeoutMs, readOnly: false })
  const eachTime = preparedStatements ? '' : localSettings(writer)
  const marks = createCommitMarks(write)
  const lanes = createWriteLanes<Schema>({
    lanes: writes,
    longestWaitMs: statementTimeoutMs,
    runGroup: (group) => runGroup({ pipeline, settings: eachTime, marks }, group),
  })
  parts.defer(() => lanes.drain())
  const merger = createTotalsMerger(lanes)
  parts.defer(() => merger.stop())
  const writeAndMerge: Database['write'] = async (operation, options) => {
    const value = await lanes.write(operation, options)
    merger.written()
    return value
  }
  const opened = parts.move()
  const close = () => opened.disposeAsync()
  return {
    read,
    write: writeAndMerge,
    counters,
    skipLocked: true,
    totals,
    commits: null,
    budgetless: null,
    report: createPostgresReports(reporting, reportLimits),
    figures: createPostgresReports(counting, figureLimits),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function localSettings(use: PoolUse): string {
  return Object.entries(sessionSettings(use))
    .filter(([name]) => name !== 'default_transaction_read_only')
    .map(([name, value]) => `set local ${name} = ${value}`)
    .join('; ')
}

/** For messages: without the password. */
function addressOf(url: string): string {
  const { host, pathname } = new URL(url)
  return `${host}${pathname}`
}
