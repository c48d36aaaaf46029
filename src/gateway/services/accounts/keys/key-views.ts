import { nextMonthStart } from '../../../domain/accounts/client.ts'
import type { Client } from '../../../domain/accounts/client.ts'
import { keyStateOf } from '../../../domain/accounts/gateway-key.ts'
import type { GatewayKey } from '../../../domain/accounts/gateway-key.ts'
import type { KeyFigures } from '../../../ports/accounts/read-key-figures.ts'
import type { KeySource, KeyView, TenantBudget } from '../keys.ts'

/** What a key has used of its own limits, and of those of its tenant. */
export interface Used {
  figures: KeyFigures
  tenantBudget: TenantBudget | null
  lastUsedAt: number | null
}

/** A key as it may be shown: without its secrets. */
export function viewOf({ secrets, ...key }: GatewayKey, { figures, ...used }: Used, now: number): KeyView {
  return {
    ...key,
    ...figures,
    ...used,
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
  { figures, ...used }: Used,
  now: number,
): KeyView {
  const { keyId: id, key: name, webhookUrl: _told, ...same } = client
  const none = { createdAt: null, expiresAt: null, revokedAt: null, secrets: [] }
  const budgetResetsAt = nextMonthStart(now)
  return { ...same, ...figures, ...used, ...none, budgetResetsAt, id, name, source, state: 'active' }
}
