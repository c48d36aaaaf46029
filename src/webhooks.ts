import { hostname } from 'node:os'
import type { Logger } from 'pino'
import type { Config, Secrets } from './config/settings.ts'
import type { Clock } from './ports/clock.ts'
import type { DeliveryStore } from './ports/delivery-store.ts'
import type { GenerationStore } from './ports/generation-store.ts'
import { createCheckWebhook } from './services/check-webhook.ts'
import type { CheckWebhook } from './services/check-webhook.ts'
import { createDeliverWebhook } from './services/deliver-webhook.ts'
import { createSigningSecrets } from './services/signing-secrets.ts'
import { createWebhookService } from './services/webhook-service.ts'
import type { WebhookService } from './services/webhooks.ts'
import type { Database } from './storage/database.ts'
import { createWebhookSecretStore } from './storage/webhook-secret-store.ts'
import { createIds } from './system.ts'
import { createRemotePost } from './upstreams/transport/guarded-post.ts'
import { DeliveryLoop } from './workers/delivery-loop.ts'

/** What goes out to callers' webhooks, wired: a part of the composition root. */
export interface Webhooks {
  service: WebhookService
  checkWebhook: CheckWebhook
  loop: DeliveryLoop
  /** Lets what is under way finish, and closes connections. */
  close(): Promise<void>
}

const concurrency = 32
const perDestination = 4
const stopGraceMs = 5_000
const timeouts = { connectMs: 5_000, headersMs: 15_000, bodyIdleMs: 5_000 }

export function createWebhooks(parts: {
  config: Config
  secrets: Secrets
  /** What signing secrets are made from. */
  master: string
  database: Database
  store: GenerationStore
  deliveries: DeliveryStore
  clock: Clock
  logger: Logger
}): Webhooks {
  const { config, secrets, master, database, store, deliveries, clock, logger } = parts
  const secretStore = createWebhookSecretStore(database)
  const remotePost = createRemotePost({ ...timeouts, allowPrivateHosts: config.fetch.allowPrivateHosts })
  const signing = createSigningSecrets({
    store: secretStore,
    configured: secrets.signingSecrets,
    master,
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
      remotePost,
      clock,
      random: () => Math.random(),
    }),
    concurrency,
    perDestination,
  })
  return {
    service: createWebhookService({
      generations: store,
      deliveries,
      secretStore,
      secrets: signing,
      clock,
      ids: createIds(clock),
      onDelivery: () => loop.nudge(),
    }),
    checkWebhook: createCheckWebhook({ remotePost, secrets: signing }),
    loop,
    async close() {
      await loop.stop(stopGraceMs)
      await remotePost.close()
      // What was cut off by that is stored as tried.
      await loop.stop(stopGraceMs)
    },
  }
}
