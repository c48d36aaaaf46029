import type { GatewayKey } from '../../../domain/accounts/gateway-key.ts'
import type { KeyId } from '../../../domain/ids.ts'
import { hashOf, hintOf, newSecret } from '../key-secret.ts'
import { upstreamKinds } from '../../../domain/routing/upstream.ts'

/** A key that administers and does nothing else, with its secret. `taken` are the names that others have. */
export function newAdminKey(
  id: KeyId,
  taken: readonly string[],
  now: number,
): { key: GatewayKey; secret: string } {
  const secret = newSecret()
  const key: GatewayKey = {
    id,
    name: taken.includes('admin') ? `admin-${id.slice(-6)}` : 'admin',
    tenant: 'admin',
    scopes: ['admin'],
    allow: [...upstreamKinds],
    allowUpstreams: null,
    allowModels: null,
    monthlyBudgetMicros: null,
    requestsPerMinute: null,
    maxInFlight: null,
    secrets: [{ hash: hashOf(secret), hint: hintOf(secret), createdAt: now, validUntil: null }],
    createdAt: now,
    expiresAt: null,
    revokedAt: null,
  }
  return { key, secret }
}
