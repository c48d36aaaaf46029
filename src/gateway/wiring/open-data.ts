import { dirname } from 'node:path'
import type { Logger } from 'pino'
import type { Config, Secrets } from '../config/settings.ts'
import type { Clock } from '../ports/clock.ts'
import { noteOthersAside, noteSetAside } from '../services/advance/note-set-aside.ts'
import { createChangeFeed } from '../services/changes/change-feed.ts'
import { watchedClaims } from '../services/restore/history-watch.ts'
import type { HistoryWatch } from '../services/restore/history-watch.ts'
import type { Migrations } from '../storage/postgres/schema-compatibility.ts'
import { openDatabase } from '../storage/engine/database.ts'
import type { Database } from '../storage/engine/database.ts'
import { keepInstallationValues } from '../storage/accounts/installation-values.ts'
import { openFleet, shareChanges } from './fleet.ts'
import { loadLocalSecrets } from './local-secrets.ts'
import type { LocalSecrets } from './local-secrets.ts'
import { withoutRedaction } from '../process/logger.ts'
import { openArchive } from './open-archive.ts'
import { checkSharedFolder } from './shared-folder.ts'
import { openStores } from './stores.ts'
import type { Wrappers } from './stores.ts'

interface Parts {
  clock: Clock
  logger: Logger
  wrap: Wrappers
  /** Other ones of PostgreSQL than those of this release. */
  migrations?: Migrations | undefined
}

/** The database that the configuration names with its stores, the archive, and what the installation made for itself. */
export async function openData(
  opened: AsyncDisposableStack,
  { config, secrets }: { config: Config; secrets: Secrets },
  parts: Parts,
) {
  const { own, ...data } = await openConfiguredDatabase(opened, config, { ...parts, secrets })
  const { notices, numbering, breakers } = await openFleet(opened, config, { ...data, ...parts, secrets })
  const feed = createChangeFeed({ ...parts, numbering })
  const sharing = shareChanges(opened, { ...data, ...parts, notices, feed })
  const wrap = { ...parts.wrap, listeners: [...(parts.wrap.listeners ?? []), feed, sharing] }
  const store = wrapStore(parts.wrap.store, data.history)
  const stores = {
    ...openStores(data, { wrap: { ...wrap, store }, eventLogger: withoutRedaction(parts.logger) }),
    ...data,
    feed,
    notices,
    breakers,
  }
  if (!data.isShared) await takeOver(stores, parts)
  const files = await openArchive(config, secrets)
  if (data.isShared && config.media.s3 === null) {
    const keep = async (given: string) => {
      const { media_folder: kept } = await keepInstallationValues(data.database, { media_folder: given })
      return kept
    }
    await checkSharedFolder({ directory: config.media.directory, keep, logger: parts.logger })
  }
  return {
    stores,
    archive: opened.adopt(files, (each) => each.close()),
    own,
  }
}

function wrapStore(outer: Wrappers['store'], history: HistoryWatch | null): NonNullable<Wrappers['store']> {
  return (store) => {
    const inner = history === null ? store : watchedClaims(store, history)
    return outer === undefined ? inner : outer(inner)
  }
}

interface OpenedData {
  database: Database
  own: LocalSecrets
  /** Of the embedded database; null for a server. */
  file: string | null
  /** Whether other processes may be at work on it. */
  isShared: boolean
  /** Whether the server is still the one that it was; null for a file. */
  history: HistoryWatch | null
}

async function openConfiguredDatabase(
  opened: AsyncDisposableStack,
  { storage }: Config,
  { secrets, clock, logger, migrations }: Parts & { secrets: Secrets },
): Promise<OpenedData> {
  if (storage.type === 'postgres') {
    const { openSharedDatabase } = await import('./open-shared-data.ts')
    const url = secrets.database?.url ?? ''
    const data = await openSharedDatabase(opened, storage, { url, clock, logger, migrations })
    return { ...data, file: null, isShared: true }
  }
  const own = await loadLocalSecrets(dirname(storage.file))
  const database = opened.use(await openDatabase({ file: storage.file }))
  return { database, own, file: storage.file, isShared: false, history: null }
}

/** What the process before this one left: no other process shares an embedded database, so every lease in it is free. */
async function takeOver(stores: ReturnType<typeof openStores>, { clock, logger }: Parts): Promise<void> {
  await noteSetAside({ ...stores, clock, logger }, await stores.store.releaseAll(clock.now()))
  noteOthersAside(logger, 'comparison', await stores.comparisons.releaseAll(clock.now()))
  noteOthersAside(logger, 'series', await stores.series.releaseAll(clock.now()))
}
