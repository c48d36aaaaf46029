import type { Client } from '../../domain/accounts/client.ts'
import { clientOfKey } from '../../domain/accounts/gateway-key.ts'
import type { GatewayKey, KeySecret } from '../../domain/accounts/gateway-key.ts'
import type { KeyId } from '../../domain/ids.ts'
import type { KeyName } from '../../ports/operations/unsent-work.ts'

/** What a secret opens. Neither the secret nor its hash is kept. */
export interface Lock {
  client: Client
  /** Null for a key of the configuration, which is valid as long as it stands there. */
  made: (Pick<GatewayKey, 'expiresAt' | 'revokedAt'> & Pick<KeySecret, 'validUntil'>) | null
}

/** The keys of the API that are not revoked, by the places of their secrets. */
export interface MadeKeys {
  at(place: string): Lock | undefined
  locks(): Lock[]
  /** Of one key; none if it is not kept. */
  locksOf(keyId: KeyId): Lock[]
  /** There is one of each name at most. */
  named(key: KeyName): KeyId | undefined
  put(key: GatewayKey): void
  /** These are all: any other one is over. */
  replace(keys: readonly GatewayKey[]): void
}

/** `onGone` is told of each key that is over. */
export function createMadeKeys(
  placeOf: (secretHash: string) => string,
  onGone: (key: KeyName) => void,
): MadeKeys {
  const locks = new Map<string, Lock>()
  const places = new Map<KeyId, string[]>()
  const named = new Map<string, { keyId: KeyId; key: KeyName }>()

  function takeLocks(keyId: KeyId): void {
    for (const place of places.get(keyId) ?? []) locks.delete(place)
    places.delete(keyId)
  }

  function end(keyId: KeyId, key: KeyName): void {
    const name = nameOf(key)
    if (named.get(name)?.keyId === keyId) named.delete(name)
    onGone(key)
  }

  function put(key: GatewayKey): void {
    takeLocks(key.id)
    const { expiresAt, revokedAt } = key
    const client = clientOfKey(key)
    if (revokedAt !== null) return end(key.id, client)
    named.set(nameOf(client), { keyId: key.id, key: client })
    const own = key.secrets.map(({ hash: secretHash, validUntil }) => {
      const place = placeOf(secretHash)
      locks.set(place, { client, made: { expiresAt, revokedAt, validUntil } })
      return place
    })
    places.set(key.id, own)
  }

  return {
    at: (place) => locks.get(place),
    locks: () => [...locks.values()],
    locksOf: (keyId) => (places.get(keyId) ?? []).flatMap((place) => locks.get(place) ?? []),
    named: (key) => named.get(nameOf(key))?.keyId,
    put,
    replace(keys) {
      const kept = new Set(keys.map(({ id }) => id))
      // Those that are over first: a new key may have the name of one of them.
      for (const { keyId, key } of named.values()) {
        if (kept.has(keyId)) continue
        takeLocks(keyId)
        end(keyId, key)
      }
      for (const key of keys) put(key)
    },
  }
}

export function nameOf({ tenant, key }: KeyName): string {
  return JSON.stringify([tenant, key])
}
