import { createHmac } from 'node:crypto'
import type { WebhookSecretId } from '../../domain/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { WebhookSecretStore } from '../../ports/webhooks/webhook-secret-store.ts'

/** What webhooks to a tenant are signed with. */
export interface SigningSecrets {
  /** All that are in use now: those of the configuration and those made by the tenant. */
  of(tenant: string): Promise<string[]>
  /** The text of a secret that was made here. */
  text(tenant: string, id: WebhookSecretId): string
}

/**
 * Secrets made here are not stored: each follows from `master` and its own id, so that neither a copy of the database nor
 * one of its backups signs anything. `configured` are those of a tenant now.
 */
export function createSigningSecrets(deps: {
  store: WebhookSecretStore
  configured: (tenant: string) => readonly string[]
  master: string
  clock: Clock
}): SigningSecrets {
  const { store, configured, master, clock } = deps

  function text(tenant: string, id: WebhookSecretId): string {
    // The label separates this from other values derived from the same master secret.
    const mac = createHmac('sha256', master).update(`webhook-secret\0${tenant}\0${id}`)
    return `whsec_${mac.digest('base64')}`
  }

  return {
    text,
    async of(tenant) {
      const made = await store.list(tenant, clock.now())
      return [...configured(tenant), ...made.map(({ id }) => text(tenant, id))]
    },
  }
}
