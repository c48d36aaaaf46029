import type { Client } from '../../domain/accounts/client.ts'
import { clientOfKey, keyStateOf } from '../../domain/accounts/gateway-key.ts'
import type { Clock } from '../../ports/clock.ts'
import type { KeyAuthority, KeyHolder, KeyStatus } from '../../ports/accounts/key-authority.ts'
import type { KeyStore } from '../../ports/accounts/key-store.ts'

/** Reads the store each time, by primary key, because a cached key may be older than its revocation. */
export function createKeyAuthority(deps: {
  store: Pick<KeyStore, 'get' | 'named'>
  /** Keys that are not made by the API, as they are now. */
  fixed: () => ReadonlyArray<{ client: Client }>
  clock: Clock
}): KeyAuthority {
  const { store, fixed, clock } = deps

  async function madeKey({ keyId, tenant, key: name }: KeyHolder): Promise<KeyStatus> {
    const key = keyId === null ? await store.named(name) : await store.get(keyId)
    if (key?.tenant !== tenant || keyStateOf(key, clock.now()) !== 'active') return { type: 'revoked' }
    return { type: 'active', client: clientOfKey(key) }
  }

  return {
    async status(holder) {
      const configured = fixed().find(({ client }) =>
        holder.keyId === null
          ? client.key === holder.key && client.tenant === holder.tenant
          : client.keyId === holder.keyId,
      )
      if (configured !== undefined) return { type: 'active', client: configured.client }
      return madeKey(holder)
    },
  }
}
