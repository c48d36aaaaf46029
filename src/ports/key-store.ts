import type { AuditEntry } from '../domain/audit.ts'
import type { GatewayKey } from '../domain/gateway-key.ts'
import type { KeyId } from '../domain/ids.ts'

/** The keys made through the API. Every write is durable, with its audit entry, when its promise resolves. */
export interface KeyStore {
  /** `name_taken` while a key of this name is not revoked. */
  insert(key: GatewayKey, audit: AuditEntry): Promise<'inserted' | 'name_taken'>
  /** Newest first, the revoked ones too. */
  all(): Promise<GatewayKey[]>
  /** Writes what `change` makes of the key as it is then; null when there is none. No entry where nothing changes. */
  change(id: KeyId, change: (key: GatewayKey) => GatewayKey, audit: AuditEntry): Promise<GatewayKey | null>
}
