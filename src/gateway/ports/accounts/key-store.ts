import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { GatewayKey } from '../../domain/accounts/gateway-key.ts'
import type { KeyId } from '../../domain/ids.ts'

/** The keys made through the API. Every write is durable, with its audit entry, when its promise resolves. */
export interface KeyStore {
  /** `name_taken` while a key of this name is not revoked; `too_many` where `most` keys are not revoked already. */
  insert(key: GatewayKey, audit: AuditEntry, most: number): Promise<'inserted' | 'name_taken' | 'too_many'>
  get(id: KeyId): Promise<GatewayKey | null>
  /** The key of this name that is not revoked. */
  named(name: string): Promise<GatewayKey | null>
  /** Newest first, the revoked ones too. */
  list(query: { before: KeyId | null; limit: number }): Promise<GatewayKey[]>
  /** Newest first, those that are not revoked. */
  unrevoked(): Promise<GatewayKey[]>
  /** The names of those that are revoked. */
  revokedNames(): Promise<string[]>
  /** Writes what `change` makes of the key as it is then; null when there is none. No entry where nothing changes. */
  change(id: KeyId, change: (key: GatewayKey) => GatewayKey, audit: AuditEntry): Promise<GatewayKey | null>
  /**
   * Revokes a key unless `mayGo` refuses, which sees, in the same transaction, the key and the others that are not revoked.
   * A key that is revoked stays as it was revoked.
   */
  revoke(
    id: KeyId,
    at: number,
    mayGo: (key: GatewayKey, others: readonly GatewayKey[]) => boolean,
    audit: AuditEntry,
  ): Promise<{ type: 'revoked'; key: GatewayKey } | { type: 'refused' } | { type: 'missing' }>
}
