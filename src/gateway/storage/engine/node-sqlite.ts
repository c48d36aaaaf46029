import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { type SqliteDatabase, type SqliteStatement } from 'kysely'
import { StorageError, type StorageErrorCode } from './storage-error.ts'

/** Preparing a small statement takes longer than running it, and the repository has a few dozen of them. */
const CACHED_STATEMENTS = 200

/** One `node:sqlite` connection in the shape that Kysely's SQLite dialect expects, plus what transactions need. */
export interface SqliteConnection extends SqliteDatabase {
  /** Runs a statement without parameters or results. */
  exec(sql: string): void
  /** The rows of a statement, or none. Runs now, and throws where it fails. */
  query(sql: string, parameters: readonly unknown[]): unknown[]
  /** False once the engine has rolled back a transaction on its own, which it may do on a full disk. */
  readonly inTransaction: boolean
}

/** Opens one connection. Every error of the engine is thrown as a StorageError. */
export function openConnection(
  file: string,
  options: { readOnly: boolean; busyTimeoutMs: number },
): SqliteConnection {
  const database = translatingErrors(
    () =>
      new DatabaseSync(file, {
        readOnly: options.readOnly,
        timeout: options.busyTimeoutMs,
        enableForeignKeyConstraints: true,
      }),
  )
  const cache = new Map<string, SqliteStatement>()

  function prepare(sql: string): SqliteStatement {
    const cached = cache.get(sql)
    if (cached !== undefined) return cached
    const statement = asStatement(translatingErrors(() => database.prepare(sql)))
    // The oldest one goes, although it may be in use: noting each use would take as long as a small statement.
    const [oldest] = cache.keys()
    if (cache.size >= CACHED_STATEMENTS && oldest !== undefined) cache.delete(oldest)
    cache.set(sql, statement)
    return statement
  }

  return {
    prepare,
    exec: (sql) => void prepare(sql).run([]),
    query(sql, parameters) {
      const statement = prepare(sql)
      if (statement.reader) return statement.all(parameters)
      statement.run(parameters)
      return []
    },
    get inTransaction() {
      return database.isTransaction
    },
    close() {
      if (database.isOpen) database.close()
    },
  }
}

function asStatement(statement: StatementSync): SqliteStatement {
  const all = (parameters: readonly unknown[]) =>
    translatingErrors(() => statement.all(...parameters.map(asInput)))
  return {
    reader: statement.columns().length > 0,
    all,
    run: (parameters) => translatingErrors(() => statement.run(...parameters.map(asInput))),
    iterate: (parameters) => all(parameters).values(),
  }
}

function asInput(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    return value
  }
  throw new TypeError(`SQLite cannot store a value of type ${typeof value}`)
}

function translatingErrors<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw asStorageError(error)
  }
}

/** The low byte of an extended result code is the primary one: https://www.sqlite.org/rescode.html */
const codes = new Map<number, StorageErrorCode>([
  [5, 'busy'],
  [6, 'busy'],
  [13, 'disk_full'],
])

function asStorageError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if ('code' in error && error.code === 'ERR_INVALID_STATE') {
    return new StorageError('closed', 'the storage is closed', { cause: error })
  }
  if (!('errcode' in error) || typeof error.errcode !== 'number') return error
  return new StorageError(codes.get(error.errcode & 0xff) ?? 'failed', error.message, { cause: error })
}
