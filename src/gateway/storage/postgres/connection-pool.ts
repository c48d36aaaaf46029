import { Pool, type ClientConfig, type PoolClient } from 'pg'
import { StorageError } from '../engine/storage-error.ts'
import { numberTypes } from './number-types.ts'
import { asStorageError } from './postgres-errors.ts'
import type { CompleteSettings, PostgresSettings } from './postgres-settings.ts'

/**
 * A node that stopped in the middle of a transaction holds its locks for this long. Operations only await queries, so
 * none is idle for longer in health.
 */
const IDLE_IN_TRANSACTION_MS = 5000
/** The server ends a statement first and says so. This is for a server that no longer answers. */
const ANSWER_GRACE_MS = 1000
const MOST_WAITING = 1000

export interface PoolUse {
  connections: number
  statementTimeoutMs: number
  readOnly: boolean
}

/** What a session is told once. A pooler in transaction mode forgets it, so there each transaction is told. */
export function sessionSettings({ statementTimeoutMs, readOnly }: PoolUse): Record<string, string> {
  return {
    statement_timeout: String(statementTimeoutMs),
    idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_MS),
    default_transaction_read_only: readOnly ? 'on' : 'off',
  }
}

/** How any connection reaches the server. */
export function clientOptions({ url, applicationName, tls }: PostgresSettings): ClientConfig {
  return {
    connectionString: url,
    ...(applicationName !== undefined && { application_name: applicationName }),
    ...(tls !== undefined && { ssl: tlsOptions(tls) }),
  }
}

/** A bounded pool. Connections are opened when they are needed, and a broken one is replaced. */
export function createPool(settings: CompleteSettings, use: PoolUse): Pool {
  const { connectTimeoutMs, preparedStatements } = settings
  const pool = new Pool({
    ...clientOptions(settings),
    max: use.connections,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: use.statementTimeoutMs + ANSWER_GRACE_MS,
    keepAlive: true,
    pipeline: true,
    types: numberTypes,
    ...(preparedStatements && { options: asStartOptions(sessionSettings(use)) }),
  })
  // Without listeners, a server that ends would end this process. The next query finds out.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => {
    client.on('error', () => undefined)
    if (!use.readOnly) settings.onConnect?.()
  })
  return pool
}

/** @throws StorageError `busy` where all connections are in use, `unreachable` where none can be opened. */
export async function connect(pool: Pool): Promise<PoolClient> {
  if (pool.waitingCount >= MOST_WAITING)
    throw new StorageError('busy', `${MOST_WAITING} queries already wait for a connection; try again later`)
  try {
    return await pool.connect()
  } catch (error) {
    if (pool.ending) throw new StorageError('closed', 'the storage is shutting down', { cause: error })
    // The driver has no code for it. This is a pool whose connections all work on something.
    if (error instanceof Error && error.message === 'timeout exceeded when trying to connect')
      throw new StorageError('busy', 'no connection to the database became free; try again later', {
        cause: error,
      })
    throw asStorageError(error)
  }
}

function tlsOptions({ mode, ca = null }: NonNullable<CompleteSettings['tls']>) {
  if (mode === 'disable') return false
  return { rejectUnauthorized: mode === 'verify', ...(ca !== null && { ca }) }
}

function asStartOptions(session: Record<string, string>): string {
  return Object.entries(session)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ')
}
