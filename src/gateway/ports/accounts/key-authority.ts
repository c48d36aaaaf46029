import type { Client } from '../../domain/accounts/client.ts'
import type { KeyId } from '../../domain/ids.ts'

/** The owner of stored work. Null in `keyId`: stored by a release that kept only the name. */
export interface KeyHolder {
  keyId: KeyId | null
  tenant: string
  /** The name of the key. */
  key: string
}

/** `revoked` also covers expired keys and keys that are no longer configured. */
export type KeyStatus = { type: 'active'; client: Client } | { type: 'revoked' }

/** Looks up the current permissions of a key, for work that was stored under it. */
export interface KeyAuthority {
  /** Rejects if the store cannot be read. Nothing that costs money may be done then. */
  status(holder: KeyHolder): Promise<KeyStatus>
}
