import type { Client } from '../../domain/accounts/client.ts'
import { keyStateOf } from '../../domain/accounts/gateway-key.ts'
import type { GatewayKey } from '../../domain/accounts/gateway-key.ts'
import type { KeySource, KeyView } from './keys.ts'

/** A key as it may be shown: without its secrets. */
export function viewOf({ secrets, ...key }: GatewayKey, now: number): KeyView {
  return {
    ...key,
    source: 'api',
    state: keyStateOf(key, now),
    secrets: secrets
      .filter(({ validUntil }) => validUntil === null || validUntil > now)
      .map(({ hint, createdAt, validUntil }) => ({ hint, createdAt, validUntil })),
  }
}

/** The same of a key that is not made by the API. */
export function fixedView({ client, source }: { client: Client; source: KeySource }): KeyView {
  const { keyId: id, key: name, webhookUrl: _told, ...same } = client
  const none = { createdAt: null, expiresAt: null, revokedAt: null }
  return { ...same, ...none, id, name, source, state: 'active', secrets: [] }
}
