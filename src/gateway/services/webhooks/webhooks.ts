import type { Client } from '../../domain/accounts/client.ts'
import type { Delivery } from '../../domain/webhooks/delivery.ts'
import type { DeliveryId, GenerationId, WebhookSecretId } from '../../domain/ids.ts'
import type { FailingQuery } from '../../ports/webhooks/delivery-store.ts'
import type { WebhookSecret } from '../../ports/webhooks/webhook-secret-store.ts'

import type { IdempotencyInput } from '../generations/generations.ts'
import type { Once } from '../once-only.ts'

export interface DeliveryList {
  data: Delivery[]
  hasMore: boolean
}

/**
 * The use cases of outgoing webhooks. What belongs to another tenant is `not_found`. Failures are thrown as `Problem`.
 */
export interface WebhookService {
  /** What was sent, or is to be sent, about a generation; newest first. */
  deliveries(
    client: Client,
    id: GenerationId,
    page: { before: DeliveryId | null; limit: number },
  ): Promise<DeliveryList>
  /**
   * What was not accepted, newest first. Of the caller's tenant; of every tenant, or the one that is given, for who may observe.
   * Addresses of other tenants are cut.
   */
  failing(client: Client, query: FailingQuery): Promise<DeliveryList>
  /** Sends it again, whatever became of it, with the same id. `conflict` while it is being sent. Of any tenant for who may operate. */
  redeliver(client: Client, id: DeliveryId): Promise<Delivery>
  /** Those in use, newest first. */
  secrets(client: Client): Promise<WebhookSecret[]>
  /** Makes a secret; the others of the tenant stay in use for so many milliseconds. Its text is told this once. */
  makeSecret(
    client: Client,
    othersMs: number,
    idempotency: IdempotencyInput | null,
  ): Promise<Once<{ secret: WebhookSecret; text: string }>>
  removeSecret(client: Client, id: WebhookSecretId): Promise<void>
}
