import { hash, timingSafeEqual } from 'node:crypto'
import type { Client } from '../domain/client.ts'
import type { Authenticate } from './operations.ts'

/** Knows the configured keys by their hashes only, and compares with every one of them whichever matches. */
export function createAuthenticate(keys: ReadonlyArray<{ client: Client; key: string }>): Authenticate {
  const known = keys.map(({ client, key }) => ({ client, hash: hashOf(key) }))
  return (token) => {
    const asked = hashOf(token)
    let found: Client | null = null
    for (const candidate of known) {
      if (timingSafeEqual(candidate.hash, asked)) found = candidate.client
    }
    return found
  }
}

function hashOf(key: string): Buffer {
  return hash('sha256', key, 'buffer')
}
