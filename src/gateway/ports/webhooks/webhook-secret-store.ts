import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { WebhookSecretId } from '../../domain/ids.ts'

/** A signing secret of a tenant as it is stored: which one it is, never the secret itself. */
export interface WebhookSecret {
  id: WebhookSecretId
  tenant: string
  createdAt: number
  /** From when on nothing is signed with it; null while that is not planned. */
  expiresAt: number | null
}

/** Every write is durable when its promise resolves. */
export interface WebhookSecretStore {
  /**
   * Adds a secret; those that are there expire at `othersExpireAt`, if not before. `full` when more than `most` would be in
   * use at a time. `audit` is stored with it, and only then; here and below.
   */
  insert(
    secret: WebhookSecret,
    othersExpireAt: number,
    most: number,
    audit?: AuditEntry,
  ): Promise<'inserted' | 'full'>
  /** Those that have not expired by `now`, newest first. */
  list(tenant: string, now: number): Promise<WebhookSecret[]>
  remove(tenant: string, id: WebhookSecretId, audit?: AuditEntry): Promise<boolean>
}
