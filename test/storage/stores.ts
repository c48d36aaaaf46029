import type { Test } from 'tap'
import { createAuditLog } from '../../src/gateway/storage/accounts/audit-log.ts'
import { createCallStore } from '../../src/gateway/storage/accounts/call-store.ts'
import { createCharacterStore } from '../../src/gateway/storage/characters/character-store.ts'
import { createComparisonStore } from '../../src/gateway/storage/characters/comparison-store.ts'
import { createSeriesStore } from '../../src/gateway/storage/series/series-store.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import type { Database } from '../../src/gateway/storage/engine/database.ts'
import { createDeliveryStore } from '../../src/gateway/storage/webhooks/delivery-store.ts'
import { createExchangeStore } from '../../src/gateway/storage/generations/exchange-store.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { createTenantStore } from '../../src/gateway/storage/accounts/tenant-store.ts'
import { createKeyUseStore } from '../../src/gateway/storage/accounts/key-use-store.ts'
import { createKeyStore } from '../../src/gateway/storage/accounts/key-store.ts'
import { createRetentionStore } from '../../src/gateway/storage/media/retention-store.ts'
import { createWebhookSecretStore } from '../../src/gateway/storage/webhooks/webhook-secret-store.ts'
import { auditedWritesContract } from '../contract/audited-writes.suite.ts'
import { characterStoreContract } from '../contract/character-store.suite.ts'
import { comparisonMoneyContract } from '../contract/comparison-money.suite.ts'
import { comparisonStoreContract } from '../contract/comparison-store.suite.ts'
import { deliveryStoreContract } from '../contract/delivery-store.suite.ts'
import { exchangeStoreContract } from '../contract/exchange-store.suite.ts'
import { generationQueueContract, generationRecordsContract } from '../contract/generation-store.suite.ts'
import { holdStoreContract } from '../contract/hold-store.suite.ts'
import { mediaReferencesContract } from '../contract/media-references.suite.ts'
import { createHoldStore } from '../../src/gateway/storage/queue/hold-store.ts'
import { createMediaReferences } from '../../src/gateway/storage/media/media-references.ts'
import { createSessionStore } from '../../src/gateway/storage/accounts/session-store.ts'
import { sessionStoreContract } from '../contract/session-store.suite.ts'
import { keyUseStoreContract } from '../contract/key-use-store.suite.ts'
import { failingDeliveriesContract } from '../contract/failing-deliveries.suite.ts'
import { tenantStoreContract } from '../contract/tenant-store.suite.ts'
import { auditLogContract, keyStoreContract } from '../contract/key-store.suite.ts'
import { retentionStoreContract } from '../contract/retention-store.suite.ts'
import { seriesStoreContract } from '../contract/series-store.suite.ts'
import { webhookSecretStoreContract } from '../contract/webhook-secret-store.suite.ts'

/** A database of the test alone, which is closed with it. */
type Open = (t: Test) => Promise<Database>

export function embedded(fileFor: (t: Test) => string): Open {
  return async (t) => {
    const database = await openDatabase({ file: fileFor(t) })
    t.teardown(() => database.close())
    return database
  }
}

/** Records of generations, and what was exchanged with vendors about them. */
function generationStores(t: Test, where: string, open: Open): void {
  t.test(`generations ${where}`, async (t) => {
    generationRecordsContract(t, async (t) => createGenerationStore(await open(t)))
  })
  t.test(`exchanges ${where}`, async (t) => {
    exchangeStoreContract(t, async (t) => {
      const database = await open(t)
      return { exchanges: createExchangeStore(database), generations: createGenerationStore(database) }
    })
  })
}

/** Leases, limits and amounts of generations, and the hold after a restore. */
function queueStores(t: Test, where: string, open: Open): void {
  t.test(`queue, limits and amounts ${where}`, async (t) => {
    generationQueueContract(t, async (t) => createGenerationStore(await open(t)))
  })
  t.test(`holds ${where}`, async (t) => {
    holdStoreContract(t, async (t) => {
      const database = await open(t)
      return {
        holds: createHoldStore(database),
        audit: createAuditLog(database),
        generations: createGenerationStore(database),
      }
    })
  })
}

/** Keys, tenants, and the audit log. */
function accountStores(t: Test, where: string, open: Open): void {
  t.test(`keys and the audit log ${where}`, async (t) => {
    keyStoreContract(t, async (t) => {
      const database = await open(t)
      return { keys: createKeyStore(database), audit: createAuditLog(database) }
    })
    sessionStoreContract(t, async (t) => createSessionStore(await open(t)))
    keyUseStoreContract(t, async (t) => createKeyUseStore(await open(t)))
    tenantStoreContract(t, async (t) => {
      const database = await open(t)
      return {
        tenants: createTenantStore(database),
        generations: createGenerationStore(database),
        audit: createAuditLog(database),
      }
    })
    auditLogContract(t, async (t) => createAuditLog(await open(t)))
    auditedWritesContract(t, async (t) => {
      const database = await open(t)
      return {
        generations: createGenerationStore(database),
        characters: createCharacterStore(database),
        comparisons: createComparisonStore(database),
        deliveries: createDeliveryStore(database),
        webhookSecrets: createWebhookSecretStore(database),
        audit: createAuditLog(database),
        calls: createCallStore(database),
      }
    })
  })
}

/** Deliveries, and the secrets that sign them. */
function webhookStores(t: Test, where: string, open: Open): void {
  t.test(`deliveries ${where}`, async (t) => {
    for (const contract of [deliveryStoreContract, failingDeliveriesContract]) {
      contract(t, async (t) => {
        const database = await open(t)
        return { generations: createGenerationStore(database), deliveries: createDeliveryStore(database) }
      })
    }
  })
  t.test(`webhook secrets ${where}`, async (t) => {
    webhookSecretStoreContract(t, async (t) => createWebhookSecretStore(await open(t)))
  })
}

/** Characters, comparisons, series, and what all of them keep. */
function characterStores(t: Test, where: string, open: Open): void {
  t.test(`characters ${where}`, async (t) => {
    characterStoreContract(t, async (t) => createCharacterStore(await open(t)))
  })
  t.test(`comparisons ${where}`, async (t) => {
    comparisonStoreContract(t, async (t) => createComparisonStore(await open(t)))
    comparisonMoneyContract(t, async (t) => {
      const database = await open(t)
      return { comparisons: createComparisonStore(database), generations: createGenerationStore(database) }
    })
  })
  t.test(`series ${where}`, async (t) => {
    seriesStoreContract(t, async (t) => createSeriesStore(await open(t)))
  })
  t.test(`retention ${where}`, async (t) => {
    retentionStoreContract(t, async (t) => {
      const database = await open(t)
      return {
        retained: createRetentionStore(database),
        generations: createGenerationStore(database),
        deliveries: createDeliveryStore(database),
        audit: createAuditLog(database),
        deleteAuditEntries: () => database.write((transaction) => transaction.deleteFrom('audit').execute()),
      }
    })
  })
  t.test(`references to media ${where}`, async (t) => {
    mediaReferencesContract(t, async (t) => {
      const database = await open(t)
      return {
        references: createMediaReferences(database, () => Promise.resolve([])),
        generations: createGenerationStore(database),
        characters: createCharacterStore(database),
      }
    })
  })
}

/** The contracts of all stores by subject. Each subject has its file of tests in memory, and one file runs all on the disk. */
export const storeContracts = { generationStores, queueStores, accountStores, webhookStores, characterStores }
