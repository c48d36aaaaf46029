import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { GatewayKey } from '../../domain/accounts/gateway-key.ts'
import type { KeyId } from '../../domain/ids.ts'

/** The other active keys, newest first. */
export type OtherKeys = () => Promise<readonly GatewayKey[]>

export type KeyUpdate = { type: 'updated'; key: GatewayKey } | { type: 'refused' } | { type: 'missing' }

/** Keys created through the API. Every write, with its audit entry, is durable when its promise resolves. */
export interface KeyStore {
  /** `name_taken`: an active key has this name. `too_many`: there are `most` active keys already. */
  insert(key: GatewayKey, audit: AuditEntry, most: number): Promise<'inserted' | 'name_taken' | 'too_many'>
  get(id: KeyId): Promise<GatewayKey | null>
  /** The active key with this name. */
  named(name: string): Promise<GatewayKey | null>
  /** Newest first, including revoked keys. */
  list(query: { before: KeyId | null; limit: number }): Promise<GatewayKey[]>
  /** Newest first, without revoked keys. */
  unrevoked(): Promise<GatewayKey[]>
  /** The names of revoked keys. */
  revokedNames(): Promise<string[]>
  /** Writes the result of `change`; null if the key does not exist. Without a change, no audit entry is written. */
  change(id: KeyId, change: (key: GatewayKey) => GatewayKey, audit: AuditEntry): Promise<GatewayKey | null>
  /**
   * Like `change`, for changes that depend on the other active keys, which are read in the same transaction. `refused`:
   * `change` returned null.
   */
  update(
    id: KeyId,
    change: (key: GatewayKey, others: OtherKeys) => Promise<GatewayKey | null>,
    audit: (before: GatewayKey, after: GatewayKey) => AuditEntry,
  ): Promise<KeyUpdate>
  /**
   * Revokes a key unless `mayGo` refuses. `mayGo` gets the key and the other active keys, in the same transaction.
   * Revoking a revoked key changes nothing.
   */
  revoke(
    id: KeyId,
    at: number,
    mayGo: (key: GatewayKey, others: readonly GatewayKey[]) => boolean,
    audit: AuditEntry,
  ): Promise<{ type: 'revoked'; key: GatewayKey } | { type: 'refused' } | { type: 'missing' }>
}
