import type { CallName } from '../../domain/accounts/audit.ts'
import type { Client } from '../../domain/accounts/client.ts'
import { isWebhookSecretId } from '../../domain/ids.ts'
import type { WebhookSecretId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { DeliveryStore } from '../../ports/webhooks/delivery-store.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { WebhookSecret, WebhookSecretStore } from '../../ports/webhooks/webhook-secret-store.ts'
import { auditEntry } from '../accounts/audit-entry.ts'
import type { OnceOnly } from '../once-only.ts'
import { createFailingDeliveries } from './failing-deliveries.ts'
import { notFound } from './no-such.ts'
import type { NoteView } from '../operations/view-audit.ts'
import type { SigningSecrets } from './signing-secrets.ts'
import type { WebhookService } from './webhooks.ts'

export interface WebhookServiceDeps {
  generations: GenerationStore
  deliveries: DeliveryStore
  secretStore: WebhookSecretStore
  secrets: SigningSecrets
  clock: Clock
  ids: Ids
  onceOnly: OnceOnly
  noteView: NoteView
  /** Called once a delivery is due. */
  onDelivery: () => void
}

/** Every message is signed with each of them. */
const maxSecrets = 4

export function createWebhookService(deps: WebhookServiceDeps): WebhookService {
  const { generations, deliveries, secretStore, secrets, clock, ids, onceOnly } = deps

  return {
    async deliveries(client, id, { before, limit }) {
      const stored = await generations.get(id)
      if (stored?.generation.tenant !== client.tenant) throw notFound('generation')
      const data = await deliveries.list({ generationId: id, before, limit: limit + 1 })
      return { data: data.slice(0, limit), hasMore: data.length > limit }
    },
    ...createFailingDeliveries(deps),
    secrets: (client) => secretStore.list(client.tenant, clock.now()),
    makeSecret: (client, othersMs, idempotency) =>
      onceOnly.run({
        tenant: client.tenant,
        idempotency,
        newId: () => ids.webhookSecret(),
        isId: isWebhookSecretId,
        async find(id) {
          const made = await secretStore.list(client.tenant, clock.now())
          const secret = made.find((each) => each.id === id)
          return secret === undefined ? null : { secret, text: secrets.text(client.tenant, id) }
        },
        make: (id, call) => makeSecret(client, othersMs, id, call),
      }),
    async removeSecret(client, id) {
      const audit = auditEntry(deps, { actor: client, action: 'webhook_secret.deleted', subject: id })
      if (!(await secretStore.remove(client.tenant, id, audit))) throw notFound('secret')
    },
  }

  async function makeSecret(
    client: Client,
    othersMs: number,
    id: WebhookSecretId,
    call: CallName | undefined,
  ) {
    const { tenant } = client
    const createdAt = clock.now()
    const secret: WebhookSecret = { id, tenant, createdAt, expiresAt: null }
    const othersExpireAt = createdAt + othersMs
    const said = { others_expire_at: othersExpireAt }
    const audit = {
      ...auditEntry(deps, {
        actor: client,
        action: 'webhook_secret.created',
        subject: secret.id,
        data: said,
      }),
      call,
    }
    if ((await secretStore.insert(secret, othersExpireAt, maxSecrets, audit)) === 'full') {
      throw new Problem('conflict', `The limit of ${maxSecrets} secrets is reached. Delete one first.`)
    }
    return { secret, text: secrets.text(tenant, secret.id) }
  }
}
