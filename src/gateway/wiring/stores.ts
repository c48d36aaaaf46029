import type { Logger } from '../ports/logger.ts'
import { createGenerationLog } from '../services/generations/generation-log.ts'
import { toldStore } from '../services/generations/told-store.ts'
import type { StoreListener } from '../services/generations/told-store.ts'
import type { CharacterStore } from '../ports/characters/character-store.ts'
import type { DeliveryStore } from '../ports/webhooks/delivery-store.ts'
import type { GenerationStorage } from '../ports/generations/generation-storage.ts'
import type { MediaArchive } from '../ports/media/media-archive.ts'
import type { RemoteMedia } from '../ports/media/remote-media.ts'
import type { UpstreamDirectory } from '../ports/upstream.ts'
import type { Evidence } from '../services/operations/evidence.ts'
import type { SendDelivery } from '../services/webhooks/deliver-webhook.ts'
import { createAuditLog } from '../storage/accounts/audit-log.ts'
import { createSessionStore } from '../storage/accounts/session-store.ts'
import { createCallStore } from '../storage/accounts/call-store.ts'
import { createCharacterStore } from '../storage/characters/character-store.ts'
import { createComparisonStore } from '../storage/characters/comparison-store.ts'
import type { Database } from '../storage/engine/database.ts'
import { createPauseStore } from '../storage/queue/pause-store.ts'
import { createHoldStore } from '../storage/queue/hold-store.ts'
import { createExchangeStore } from '../storage/generations/exchange-store.ts'
import { createGenerationStore } from '../storage/generations/generation-store.ts'
import { createMediaReferences } from '../storage/media/media-references.ts'
import { unnamedIn } from '../storage/media/unnamed-media.ts'
import { unnamedInServer } from '../storage/postgres/unnamed-media.ts'
import { createRetentionStore } from '../storage/media/retention-store.ts'
import { createStatisticsStore } from '../storage/statistics/statistics-store.ts'
import { createSeriesStore } from '../storage/series/series-store.ts'

/** Stands between the gateway and an adapter, for tests that stop the world at a certain call. */
export interface Wrappers {
  /** Told of what became durable, after the log. */
  listeners?: readonly StoreListener[]
  store?: (store: GenerationStorage) => GenerationStorage
  characters?: (store: CharacterStore) => CharacterStore
  deliveries?: (store: DeliveryStore) => DeliveryStore
  archive?: (archive: MediaArchive) => MediaArchive
  directory?: (directory: UpstreamDirectory) => UpstreamDirectory
  /** `store`: the generations that webhooks are about. */
  send?: (store: GenerationStorage) => (send: SendDelivery) => SendDelivery
  evidence?: (evidence: Evidence) => Evidence
  remote?: (remote: RemoteMedia) => RemoteMedia
}

/** The stores of one database. `file`: of an embedded one; null for a server. */
export function openStores(
  { database, file }: { database: Database; file: string | null },
  /** `eventLogger`: writes lines as they are. */
  { wrap, eventLogger }: { wrap: Wrappers; eventLogger: Logger },
) {
  const stored = wrapped(createGenerationStore(database), wrap.store)
  const store = toldStore(stored, [createGenerationLog(eventLogger), ...(wrap.listeners ?? [])])
  return {
    database,
    store,
    characters: wrapped(createCharacterStore(database), wrap.characters),
    comparisons: createComparisonStore(database),
    series: createSeriesStore(database),
    audit: createAuditLog(database),
    holds: createHoldStore(database),
    pauseStore: createPauseStore(database),
    calls: createCallStore(database),
    sessionStore: createSessionStore(database),
    exchanges: createExchangeStore(database),
    statistics: createStatisticsStore(database),
    retained: createRetentionStore(database),
    references: createMediaReferences(database, (ids, signal) =>
      file === null ? unnamedInServer(database, ids, signal) : unnamedIn(file, ids, signal),
    ),
  }
}

export function wrapped<Adapter>(
  adapter: Adapter,
  wrapper: ((adapter: Adapter) => Adapter) | undefined,
): Adapter {
  return wrapper === undefined ? adapter : wrapper(adapter)
}
