import type { Config, Secrets } from '../config/settings.ts'
import { nodeNumbering } from '../domain/changes/recent-changes.ts'
import type { Numbering } from '../domain/changes/recent-changes.ts'
import type { SharedCopy } from '../domain/fleet/shared-copy.ts'
import type { Clock } from '../ports/clock.ts'
import type { EventBus } from '../ports/event-bus.ts'
import type { Logger } from '../ports/logger.ts'
import { noNotices } from '../ports/notices.ts'
import type { Notices } from '../ports/notices.ts'
import type { SharedBreakers } from '../ports/operations/shared-breakers.ts'
import type { ChangeFeed } from '../services/changes/change-feed.ts'
import { followForeignChanges } from '../services/changes/foreign-changes.ts'
import { createRefreshCopies } from '../services/fleet/refresh-copies.ts'
import type { StoreListener } from '../services/generations/told-store.ts'
import { createWatchedBus } from '../services/watched-bus.ts'
import type { Database } from '../storage/engine/database.ts'
import { createEventBus } from '../storage/event-bus.ts'
import { createReadChanged } from '../storage/fleet/read-changed.ts'
import { createReadVersions } from '../storage/fleet/read-versions.ts'
import { createCopyVersions } from '../storage/fleet/copy-versions.ts'
import { nextNodeNumber } from '../storage/fleet/node-number.ts'
import { createSharedBreakers } from '../storage/fleet/shared-breakers.ts'
import { Janitor } from '../workers/janitor.ts'

export interface Fleet {
  notices: Notices
  /** Absent for a process that owns its database. */
  numbering?: Numbering
  breakers?: SharedBreakers
}

/** What the nodes of one database tell each other. A process that owns its database has nobody to tell. */
export async function openFleet(
  opened: AsyncDisposableStack,
  { storage }: Config,
  parts: { secrets: Secrets; database: Database; clock: Clock; logger: Logger },
): Promise<Fleet> {
  if (storage.type !== 'postgres') return { notices: noNotices }
  const { secrets, database, logger } = parts
  const [{ openNotices }, { clientOptions }, { listenSettings }] = await Promise.all([
    import('../storage/fleet/notices.ts'),
    import('../storage/postgres/connection-pool.ts'),
    import('./open-postgres-data.ts'),
  ])
  // Behind a pooler that keeps no session, unless there is a way around it.
  const isPooled = !storage.preparedStatements && storage.listen.address === storage.address
  const options = clientOptions(listenSettings(storage, secrets.database?.listen.url ?? ''))
  const numbering = nodeNumbering(await nextNodeNumber(database))
  return {
    notices: opened.use(openNotices({ options, isPooled, logger })),
    numbering,
    breakers: createSharedBreakers(parts),
  }
}

/** Tells the other nodes what this one stores, and brings what they store into the feed. */
export function shareChanges(
  opened: AsyncDisposableStack,
  parts: { notices: Notices; database: Database; feed: ChangeFeed; clock: Clock; logger: Logger },
): StoreListener {
  const { notices } = parts
  const foreign = followForeignChanges({ ...parts, readChanged: createReadChanged(parts.database) })
  opened.defer(() => foreign.stop())
  return {
    stored({ id }, entries) {
      foreign.own(id)
      if (entries.length > 0) notices.changed(id)
    },
    removed(id, audit) {
      const tenant = audit?.tenant ?? null
      if (tenant === null) notices.changed(id)
      else notices.removed({ id, tenant })
    },
  }
}

/** The bus of this process, on which no change stays untold. */
export function openBus(
  opened: AsyncDisposableStack,
  { notices, database, logger }: { notices: Notices; database: Database; logger: Logger },
): EventBus {
  const bus = createWatchedBus({
    bus: createEventBus(notices),
    readVersions: createReadVersions(database),
    commits: database.commits,
    logger,
  })
  opened.defer(() => bus.stop())
  return bus
}

/** What other nodes changed holds here within this time and the one of a query, also when their notice is lost. */
const lookEveryMs = 500

/** Keeps what this process has in memory as other nodes want it. Does nothing for a process that owns its database. */
export function followFleet(
  opened: AsyncDisposableStack,
  parts: {
    isShared: boolean
    notices: Notices
    database: Database
    logger: Logger
    readAgain: Readonly<Record<SharedCopy, () => Promise<void>>>
    /** There may be something to claim. */
    onWork: () => void
  },
): Pick<Janitor, 'start'> {
  const { isShared, notices, database, logger, readAgain, onWork } = parts
  if (!isShared) return { start: () => undefined }
  const refresh = createRefreshCopies(createCopyVersions(database), readAgain)
  const round = async (): Promise<number> => {
    const changed = await refresh()
    // A pause, a hold or an open breaker may be over.
    if (changed > 0) onWork()
    return changed
  }
  const janitor = new Janitor(round, logger, lookEveryMs)
  const look = (): void => janitor.nudge()
  const unlisten = notices.listen({
    work: onWork,
    copies: look,
    missed() {
      look()
      onWork()
    },
  })
  opened.defer(() => {
    unlisten()
    return janitor.stop()
  })
  return janitor
}
