import { nextMonthStart } from '../../../domain/accounts/client.ts'
import type { Client } from '../../../domain/accounts/client.ts'
import { keyStateOf } from '../../../domain/accounts/gateway-key.ts'
import type { GatewayKey } from '../../../domain/accounts/gateway-key.ts'
import type { KeyFigures } from '../../../ports/accounts/read-key-figures.ts'
import type { KeySource, KeyView } from '../keys.ts'

/** A key as it may be shown: without its secrets. */
export function viewOf({ secrets, ...key }: GatewayKey, figures: KeyFigures, now: number): KeyView {
  return {
    ...key,
    ...figures,
    budgetResetsAt: nextMonthStart(now),
    source: 'api',
    state: keyStateOf(key, now),
    secrets: secrets
      .filter(({ validUntil }) => validUntil === null || validUntil > now)
      .map(({ hint, createdAt, validUntil }) => ({ hint, createdAt, validUntil })),
  }
}

/** The same of a key that is not made by the API. */
export function fixedView(
  { client, source }: { client: Client; source: KeySource },
  figures: KeyFigures,
  now: number,
): KeyView {
  const { keyId: id, key: name, webhookUrl: _told, ...same } = client
  const none = { createdAt: null, expiresAt: null, revokedAt: null }
  const budgetResetsAt = nextMonthStart(now)
  return { ...same, ...figures, ...none, budgetResetsAt, id, name, source, state: 'active', secrets: [] }
}
