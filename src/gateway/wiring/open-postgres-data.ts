import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { PostgresStorage, StorageTls } from '../config/settings.ts'
import type { Logger } from '../ports/logger.ts'
import { keepInstallationValues } from '../storage/accounts/installation-values.ts'
import type { Database } from '../storage/engine/database.ts'
import { StorageError } from '../storage/engine/storage-error.ts'
import { connectAdvice } from '../storage/postgres/connect-advice.ts'
import { openPostgres } from '../storage/postgres/open-postgres.ts'
import type { Migrations } from '../storage/postgres/schema-compatibility.ts'
import type { PostgresSettings } from '../storage/postgres/postgres-settings.ts'
import { newLocalSecrets } from './local-secrets.ts'
import type { LocalSecrets } from './local-secrets.ts'

/** A server that is started at the same time answers within this time. */
const startWaitMs = 60_000
const tryEveryMs = 500

/** What the engine needs. @throws Error where the file of the authorities cannot be read. */
export function postgresSettings(storage: PostgresStorage, url: string): PostgresSettings {
  const { connections, statementTimeoutMs, preparedStatements, tls } = storage
  return { url, connections, statementTimeoutMs, preparedStatements, tls: readTls(tls) }
}

/** What the connection that listens needs. @throws Error where the file of the authorities cannot be read. */
export function listenSettings({ listen }: PostgresStorage, url: string): PostgresSettings {
  return { url, tls: readTls(listen.tls) }
}

function readTls({ mode, ca }: StorageTls): NonNullable<PostgresSettings['tls']> {
  return { mode, ca: ca === null ? null : authorities(ca) }
}

/**
 * Opens the database, and waits for its server where it is away.
 * @throws Error that says what to do: the server stays away, or it answers what another try would get again.
 */
export async function openPostgresData(
  storage: PostgresStorage,
  url: string,
  {
    logger,
    onConnect,
    onMigrated,
    migrations,
    waitMs = startWaitMs,
  }: {
    logger: Logger
    onConnect: () => void
    onMigrated?: PostgresSettings['onMigrated']
    migrations?: Migrations | undefined
    waitMs?: number
  },
): Promise<Database> {
  const settings = { ...postgresSettings(storage, url), onConnect, ...(onMigrated && { onMigrated }) }
  const { address } = storage
  const begun = performance.now()
  for (let tries = 1; ; tries++) {
    try {
      return await openPostgres(settings, migrations)
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      const advice = connectAdvice(error)
      if (advice !== null) throw new Error(`${address}: ${error.message}. ${advice}`, { cause: error })
      if (error.code !== 'unreachable' && error.code !== 'busy') throw error
      if (performance.now() - begun >= waitMs) {
        const seconds = Math.round(waitMs / 1000)
        const message = `${address} did not answer within ${seconds} seconds: ${error.message}. Check storage.url, and whether the server runs.`
        throw new Error(message, { cause: error })
      }
      if (tries === 1) logger.warn({ err: error, address }, 'the database does not answer; waiting for it')
      await pause(tryEveryMs)
    }
  }
}

/** The same on all nodes: who comes first makes them. */
export async function loadSharedSecrets(database: Database): Promise<LocalSecrets> {
  const kept = await keepInstallationValues(database, newLocalSecrets())
  return { gatewayKey: kept.gateway_key, linkSecret: kept.link_secret }
}

function authorities(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    throw new Error(`storage.tls_ca cannot be read: ${cause}`, { cause: error })
  }
}
