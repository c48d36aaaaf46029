import { createHmac, randomBytes } from 'node:crypto'
import type { Client } from '../domain/client.ts'
import { clientOfKey, opens } from '../domain/gateway-key.ts'
import type { GatewayKey, KeySecret } from '../domain/gateway-key.ts'
import type { Clock } from '../ports/clock.ts'
import { hashOf } from './key-secret.ts'
import type { Authenticate } from './operations.ts'

/** Every secret that lets somebody in, by its hash only. */
export interface Keyring {
  authenticate: Authenticate
  /** Takes a key as it is now: what opened it before and does not any more is forgotten. */
  put(key: GatewayKey): void
}

interface Lock {
  client: Client
  /** Null for a key of the configuration, which is valid as long as the process runs. */
  made: { key: GatewayKey; secret: KeySecret } | null
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
  const locks = new Map<string, Lock>(
    configured.map(({ client, key }) => [placeOf(hashOf(key)), { client, made: null }]),
  )
  const places = new Map<GatewayKey['id'], string[]>()

  return {
    authenticate(token) {
      const lock = locks.get(placeOf(hashOf(token)))
      if (lock === undefined) return null
      const { client, made } = lock
      return made === null || opens(made.key, made.secret, clock.now()) ? client : null
    },
    put(key) {
      for (const place of places.get(key.id) ?? []) locks.delete(place)
      const client = clientOfKey(key)
      const own = key.secrets.map((secret) => ({ place: placeOf(secret.hash), made: { key, secret } }))
      for (const { place, made } of own) locks.set(place, { client, made })
      places.set(
        key.id,
        own.map(({ place }) => place),
      )
    },
  }
}
