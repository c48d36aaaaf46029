import type { PostgresStorage } from '../config/settings.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import { createHistoryWatch } from '../services/restore/history-watch.ts'
import type { HistoryWatch } from '../services/restore/history-watch.ts'
import type { Database } from '../storage/engine/database.ts'
import { isHalfImported } from '../storage/moving/import-server.ts'
import { createHistoryStore } from '../storage/postgres/history-store.ts'
import type { Migrations } from '../storage/postgres/schema-compatibility.ts'
import type { LocalSecrets } from './local-secrets.ts'
import { loadSharedSecrets, openPostgresData } from './open-postgres-data.ts'

interface Parts {
  /** With the password, unlike the address in the configuration. */
  url: string
  clock: Clock
  logger: Logger
  migrations: Migrations | undefined
}

export interface SharedData {
  database: Database
  own: LocalSecrets
  history: HistoryWatch
}

const halfImported =
  'an import into this database has not ended. Run the same "understudy import" again, or name another database in storage.url.'

/** Opens the database of a server. A process with a database of its own does not load this module, nor the client that it needs. */
export async function openSharedDatabase(
  opened: AsyncDisposableStack,
  storage: PostgresStorage,
  { url, clock, logger, migrations }: Parts,
): Promise<SharedData> {
  let history: HistoryWatch | null = null
  const onConnect = () => history?.connected()
  const database = opened.use(await openPostgresData(storage, url, { logger, onConnect, migrations }))
  if (await isHalfImported(database.read)) throw new Error(halfImported)
  const store = createHistoryStore(database)
  history = createHistoryWatch({ store, clock, logger, expectsStandby: storage.standby === 'expected' })
  await history.check()
  return { database, own: await loadSharedSecrets(database), history }
}
