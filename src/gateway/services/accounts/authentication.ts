import { hash, randomBytes } from 'node:crypto'
import type { Client } from '../../domain/accounts/client.ts'
import { clientOfKey, opens } from '../../domain/accounts/gateway-key.ts'
import type { GatewayKey, KeySecret } from '../../domain/accounts/gateway-key.ts'
import type { KeyId } from '../../domain/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { KeyName } from '../../ports/operations/unsent-work.ts'
import { hashOf } from './key-secret.ts'
import type { Authenticate, IsValid } from '../operations/operations.ts'

/** All valid secrets, stored as hashes only. */
export interface Keyring {
  authenticate: Authenticate
  isValid: IsValid
  /** Names a secret without telling it; the same after a restart if the keyring is made with the same `blind`. */
  placeOf(secret: string): string
  /** Who calls with the secret of this place; null if it is not valid any more. */
  at(place: string): Client | null
  /** Whether a valid key has this name. */
  holds(key: KeyName): boolean
  /** What each valid key may do. */
  clients(): Client[]
  /** Tells of each key that was revoked or left the configuration; one that expires is not told. */
  watch(onGone: (key: KeyName) => void): void
  /** From now on these are the keys of the configuration. */
  replaceFixed(keys: ReadonlyArray<{ client: Client; key: string }>): void
  /** Updates a key: secrets that are no longer valid are removed. */
  put(key: GatewayKey): void
}

/** What a secret opens. Neither the secret nor its hash is kept. */
interface Lock {
  client: Client
  /** Null for a key of the configuration, which is valid as long as it stands there. */
  made: (Pick<GatewayKey, 'expiresAt' | 'revokedAt'> & Pick<KeySecret, 'validUntil'>) | null
}

/**
 * Secrets are looked up by a hash that is keyed with `blind`, which nobody outside knows. The duration of a lookup reveals
 * nothing, because an attacker cannot know the hash of a guess.
 */
export function createKeyring(
  configured: ReadonlyArray<{ client: Client; key: string }>,
  clock: Clock,
  blind = randomBytes(32).toString('hex'),
): Keyring {
  // All hashes have one length, so that a prefix keys as well as an HMAC does, at a tenth of its time.
  const placeOf = (secretHash: string): string => hash('sha256', blind + secretHash, 'base64')
  const fixedLocks = (keys: typeof configured): Map<string, Lock> =>
    new Map(keys.map(({ client, key }) => [placeOf(hashOf(key)), { client, made: null }]))
  const locks = new Map<string, Lock>()
  let fixed = fixedLocks(configured)
  let fixedNames = namesOf(configured)
  const places = new Map<KeyId, string[]>()
  /** Of those that are not revoked; there is one of each name at most. */
  const named = new Map<string, KeyId>()
  const watchers: Array<(key: KeyName) => void> = []
  const opensNow = (keyId: KeyId): boolean => {
    const now = clock.now()
    return (places.get(keyId) ?? []).some((place) => {
      const lock = locks.get(place)
      return lock !== undefined && isOpen(lock, now)
    })
  }
  const at = (place: string): Client | null => {
    const lock = fixed.get(place) ?? locks.get(place)
    return lock !== undefined && isOpen(lock, clock.now()) ? lock.client : null
  }
  const gone = (key: KeyName): void => {
    for (const tell of watchers) tell(key)
  }

  return {
    authenticate: (token) => at(placeOf(hashOf(token))),
    placeOf: (secret) => placeOf(hashOf(secret)),
    at,
    isValid({ keyId }) {
      if ([...fixed.values()].some(({ client }) => client.keyId === keyId)) return true
      return opensNow(keyId)
    },
    holds({ tenant, key }) {
      const name = nameOf({ tenant, key })
      const keyId = named.get(name)
      return fixedNames.has(name) || (keyId !== undefined && opensNow(keyId))
    },
    clients() {
      const now = clock.now()
      const open = [...fixed.values(), ...locks.values()].filter((lock) => isOpen(lock, now))
      return [...new Map(open.map(({ client }) => [client.keyId, client])).values()]
    },
    replaceFixed(keys) {
      const before = [...fixed.values()]
      fixed = fixedLocks(keys)
      fixedNames = namesOf(keys)
      for (const { client } of before) if (!fixedNames.has(nameOf(client))) gone(client)
    },
    watch(onGone) {
      watchers.push(onGone)
    },
    put(key) {
      for (const place of places.get(key.id) ?? []) locks.delete(place)
      places.delete(key.id)
      const { expiresAt, revokedAt } = key
      const client = clientOfKey(key)
      const name = nameOf(client)
      if (revokedAt !== null) {
        if (named.get(name) === key.id) named.delete(name)
        gone(client)
        return
      }
      named.set(name, key.id)
      const own = key.secrets.map(({ hash: secretHash, validUntil }) => {
        const place = placeOf(secretHash)
        locks.set(place, { client, made: { expiresAt, revokedAt, validUntil } })
        return place
      })
      places.set(key.id, own)
    },
  }
}

function namesOf(keys: ReadonlyArray<{ client: Client }>): Set<string> {
  return new Set(keys.map(({ client }) => nameOf(client)))
}

function nameOf({ tenant, key }: KeyName): string {
  return JSON.stringify([tenant, key])
}

function isOpen({ made }: Lock, now: number): boolean {
  return made === null || opens(made, made, now)
}
