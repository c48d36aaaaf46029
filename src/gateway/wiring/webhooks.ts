import { hostname } from 'node:os'
import type { Logger } from 'pino'
import type { LocalSecrets } from './local-secrets.ts'
import type { InForce } from './reload.ts'
import { wrapped } from './stores.ts'
import type { Wrappers } from './stores.ts'
import type { Clock, Ids } from '../ports/clock.ts'
import type { EventBus } from '../ports/event-bus.ts'
import type { GenerationStorage } from '../ports/generations/generation-storage.ts'
import { createCheckWebhook } from '../services/webhooks/check-webhook.ts'
import type { CheckWebhook } from '../services/webhooks/check-webhook.ts'
import { createDeliverWebhook } from '../services/webhooks/deliver-webhook.ts'
import type { SendDelivery } from '../services/webhooks/deliver-webhook.ts'
import type { OnceOnly } from '../services/once-only.ts'
import { createSigningSecrets } from '../services/webhooks/signing-secrets.ts'
import { createVendorWebhooks } from '../services/webhooks/vendor-webhooks.ts'
import type { ReceiveWebhook, VendorWebhookDeps } from '../services/webhooks/vendor-webhooks.ts'
import { createNoteView } from '../services/operations/view-audit.ts'
import type { AuditLog } from '../ports/accounts/audit-log.ts'
import { createWebhookService } from '../services/webhooks/webhook-service.ts'
import type { WebhookService } from '../services/webhooks/webhooks.ts'
import type { Database } from '../storage/engine/database.ts'
import { createDeliveryStore } from '../storage/webhooks/delivery-store.ts'
import { createWebhookSecretStore } from '../storage/webhooks/webhook-secret-store.ts'
import { createRemotePost } from '../upstreams/transport/guard/remote-post.ts'
import { DeliveryLoop } from '../workers/delivery-loop.ts'

/** Webhooks in both directions, wired: a part of the composition root. */
export interface Webhooks {
  service: WebhookService
  checkWebhook: CheckWebhook
  /** Takes vendors' webhooks. */
  receiver(to: Pick<VendorWebhookDeps, 'onWork' | 'restoredJobs'>): ReceiveWebhook
  loop: DeliveryLoop
  /** A bus whose changes also wake the loop: there may be something to send. */
  nudgedBy(bus: EventBus): EventBus
  /** Lets what is under way finish, and closes connections. */
  close(): Promise<void>
}

/** A waiting delivery costs a socket and some KB. Sixteen tenants whose receivers all hang leave no place. */
const concurrency = 256
const perTenant = 16
const perDestination = 4
const stopGraceMs = 5_000
const timeouts = { connectMs: 5_000, headersMs: 15_000, bodyIdleMs: 5_000 }

interface WebhookParts {
  settings: InForce
  own: LocalSecrets
  database: Database
  /** Whether other processes may be at work on it. */
  isShared: boolean
  store: GenerationStorage
  audit: AuditLog
  onceOnly: OnceOnly
  ids: Ids
  clock: Clock
  logger: Logger
  wrap: Wrappers
}

export async function openWebhooks(parts: WebhookParts): Promise<Webhooks> {
  const { settings, own, database, store, ids, clock, logger, wrap } = parts
  const deliveries = wrapped(createDeliveryStore(database), wrap.deliveries)
  // No other process shares an embedded database, so every lease left in it belongs to one that is gone.
  if (!parts.isShared) await deliveries.releaseAll(clock.now())
  const secretStore = createWebhookSecretStore(database)
  const remotePost = createRemotePost({ ...timeouts, ...settings.current.config.fetch })
  const signing = createSigningSecrets({
    store: secretStore,
    configured: (tenant) => settings.current.secrets.signingSecrets.get(tenant) ?? [],
    master: own.linkSecret,
    clock,
  })
  const loop = new DeliveryLoop({
    store: deliveries,
    clock,
    logger,
    owner: `${hostname()}-${process.pid}-${clock.now()}`,
    deliver: createDeliverWebhook({
      deliveries,
      secrets: signing,
      send: wrapped<SendDelivery>(
        (delivery, message, signal) => remotePost.post(delivery.url, message, signal),
        wrap.send?.(store),
      ),
      clock,
      random: () => Math.random(),
    }),
    concurrency,
    perTenant,
    perDestination,
  })
  return {
    service: createWebhookService({
      generations: store,
      deliveries,
      secretStore,
      secrets: signing,
      clock,
      ids,
      onceOnly: parts.onceOnly,
      noteView: createNoteView(parts),
      onDelivery: () => loop.nudge(),
    }),
    checkWebhook: createCheckWebhook({ remotePost, secrets: signing }),
    receiver: (to) =>
      createVendorWebhooks({
        store,
        clock,
        routing: settings.routing,
        secretOf: (upstream) => settings.current.secrets.webhookSecrets.get(upstream),
        logger,
        restoredJobs: to.restoredJobs,
        onWork: to.onWork,
      }),
    loop,
    nudgedBy: (bus) => ({
      ...bus,
      publish(generationId) {
        bus.publish(generationId)
        loop.nudge()
      },
    }),
    async close() {
      await loop.stop(stopGraceMs)
      await remotePost.close()
      // What was cut off by that is stored as tried.
      await loop.stop(stopGraceMs)
    },
  }
}
