import { hash, randomBytes } from 'node:crypto'
import type { Client } from '../../domain/accounts/client.ts'
import { opens } from '../../domain/accounts/gateway-key.ts'
import type { GatewayKey } from '../../domain/accounts/gateway-key.ts'
import type { KeyId } from '../../domain/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { KeyName } from '../../ports/operations/unsent-work.ts'
import { hashOf } from './key-secret.ts'
import { createMadeKeys, nameOf } from './made-keys.ts'
import type { Lock } from './made-keys.ts'
import type { Authenticate, IsValid } from '../operations/operations.ts'

/** All valid secrets, stored as hashes only. */
export interface Keyring {
  authenticate: Authenticate
  isValid: IsValid
  /** Names a secret without telling it; the same after a restart if the keyring is made with the same `blind`. */
  placeOf(secret: string): string
  /** Who calls with the secret of this place; null if it is not valid any more. */
  at(place: string): Client | null
  /** What a valid key may do; null for one that is over. */
  clientOf(keyId: KeyId): Client | null
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
  /** Counts the calls of `put`. */
  putCount(this: void): number
  /** These are all keys that are not revoked: any other one that was put is over. */
  replaceMade(keys: readonly GatewayKey[]): void
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
  let fixed = fixedLocks(configured)
  let fixedNames = namesOf(configured)
  const watchers: Array<(key: KeyName) => void> = []
  const gone = (key: KeyName): void => {
    for (const tell of watchers) tell(key)
  }
  const made = createMadeKeys(placeOf, gone)
  let puts = 0
  const opensNow = (keyId: KeyId): boolean => {
    const now = clock.now()
    return made.locksOf(keyId).some((lock) => isOpen(lock, now))
  }
  const at = (place: string): Client | null => {
    const lock = fixed.get(place) ?? made.at(place)
    return lock !== undefined && isOpen(lock, clock.now()) ? lock.client : null
  }

  return {
    authenticate: (token) => at(placeOf(hashOf(token))),
    placeOf: (secret) => placeOf(hashOf(secret)),
    at,
    isValid({ keyId }) {
      if ([...fixed.values()].some(({ client }) => client.keyId === keyId)) return true
      return opensNow(keyId)
    },
    clientOf(keyId) {
      const now = clock.now()
      const locks = [...made.locksOf(keyId), ...fixed.values()]
      return locks.find((lock) => lock.client.keyId === keyId && isOpen(lock, now))?.client ?? null
    },
    holds(key) {
      const keyId = made.named(key)
      return fixedNames.has(nameOf(key)) || (keyId !== undefined && opensNow(keyId))
    },
    clients() {
      const now = clock.now()
      const open = [...fixed.values(), ...made.locks()].filter((lock) => isOpen(lock, now))
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
      puts += 1
      made.put(key)
    },
    putCount: () => puts,
    replaceMade: (keys) => made.replace(keys),
  }
}

function namesOf(keys: ReadonlyArray<{ client: Client }>): Set<string> {
  return new Set(keys.map(({ client }) => nameOf(client)))
}

function isOpen({ made }: Lock, now: number): boolean {
  return made === null || opens(made, made, now)
}
