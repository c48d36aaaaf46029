import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { WebhookSecretId } from '../../domain/ids.ts'

/** A signing secret of a tenant as it is stored: its id, never the secret itself. */
export interface WebhookSecret {
  id: WebhookSecretId
  tenant: string
  createdAt: number
  /** When it stops being used for signing; null if that is not planned. */
  expiresAt: number | null
}

/** Every write is durable when its promise resolves. */
export interface WebhookSecretStore {
  /**
   * Adds a secret; existing ones expire at `othersExpireAt` unless they expire earlier. `full`: more than `most` would
   * be in use at the same time. Here and below, `audit` is stored together with the change.
   */
  insert(
    secret: WebhookSecret,
    othersExpireAt: number,
    most: number,
    audit?: AuditEntry,
  ): Promise<'inserted' | 'full'>
  /** Secrets that have not expired by `now`, newest first. */
  list(tenant: string, now: number): Promise<WebhookSecret[]>
  remove(tenant: string, id: WebhookSecretId, audit?: AuditEntry): Promise<boolean>
}
