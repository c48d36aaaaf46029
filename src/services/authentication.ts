import { createHmac, randomBytes } from 'node:crypto'
import type { Client } from '../domain/client.ts'
import { clientOfKey, opens } from '../domain/gateway-key.ts'
import type { GatewayKey, KeySecret } from '../domain/gateway-key.ts'
import type { Clock } from '../ports/clock.ts'
import { hashOf } from './key-secret.ts'
import type { Authenticate, IsValid } from './operations.ts'

/** Every secret that lets somebody in, by its hash only. */
export interface Keyring {
  authenticate: Authenticate
  isValid: IsValid
  /** From now on these are the keys of the configuration. */
  replaceFixed(keys: ReadonlyArray<{ client: Client; key: string }>): void
  /** Takes a key as it is now: what opened it before and does not any more is forgotten. */
  put(key: GatewayKey): void
}

/** What a secret opens. Neither the secret nor its hash is kept. */
interface Lock {
  client: Client
  /** Null for a key of the configuration, which is valid as long as it stands there. */
  made: (Pick<GatewayKey, 'expiresAt' | 'revokedAt'> & Pick<KeySecret, 'validUntil'>) | null
}

/**
 * Secrets are found by a hash that is keyed with a random value of this process: how long a look-up takes tells nothing
 * about a secret, because nobody outside can say which hash his guess has here.
 */
export function createKeyring(
  configured: ReadonlyArray<{ client: Client; key: string }>,
  clock: Clock,
): Keyring {
  const blind = randomBytes(32)
  const placeOf = (secretHash: string): string =>
    createHmac('sha256', blind).update(secretHash).digest('base64')
  const fixedLocks = (keys: typeof configured): Map<string, Lock> =>
    new Map(keys.map(({ client, key }) => [placeOf(hashOf(key)), { client, made: null }]))
  const locks = new Map<string, Lock>()
  let fixed = fixedLocks(configured)
  const places = new Map<GatewayKey['id'], string[]>()

  return {
    authenticate(token) {
      const place = placeOf(hashOf(token))
      const lock = fixed.get(place) ?? locks.get(place)
      if (lock === undefined) return null
      return isOpen(lock, clock.now()) ? lock.client : null
    },
    isValid({ keyId }) {
      if ([...fixed.values()].some(({ client }) => client.keyId === keyId)) return true
      const now = clock.now()
      return (places.get(keyId) ?? []).some((place) => {
        const lock = locks.get(place)
        return lock !== undefined && isOpen(lock, now)
      })
    },
    replaceFixed(keys) {
      fixed = fixedLocks(keys)
    },
    put(key) {
      for (const place of places.get(key.id) ?? []) locks.delete(place)
      places.delete(key.id)
      const { expiresAt, revokedAt } = key
      if (revokedAt !== null) return
      const client = clientOfKey(key)
      const own = key.secrets.map(({ hash, validUntil }) => {
        const place = placeOf(hash)
        locks.set(place, { client, made: { expiresAt, revokedAt, validUntil } })
        return place
      })
      places.set(key.id, own)
    },
  }
}

function isOpen({ made }: Lock, now: number): boolean {
  return made === null || opens(made, made, now)
}
