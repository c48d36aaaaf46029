import type { Client } from '../../domain/accounts/client.ts'
import type { KeyId } from '../../domain/ids.ts'

/** Whose work it is. Null: stored by a release that kept only the name. */
export interface KeyHolder {
  keyId: KeyId | null
  tenant: string
  /** The name of the key. */
  key: string
}

/** `revoked`: also where it expired, or is not configured any more. */
export type KeyStatus = { type: 'active'; client: Client } | { type: 'revoked' }

/** What a key may do at this moment, for work that was stored under it. */
export interface KeyAuthority {
  /** Rejects where the store cannot be asked: then nothing that pays may be done. */
  status(holder: KeyHolder): Promise<KeyStatus>
}
