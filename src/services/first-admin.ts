import type { Client } from '../domain/client.ts'
import { keyStateOf } from '../domain/gateway-key.ts'
import type { GatewayKey } from '../domain/gateway-key.ts'
import type { Clock, Ids } from '../ports/clock.ts'
import type { KeyStore } from '../ports/key-store.ts'
import { auditEntry } from './audit-entry.ts'
import { hashOf, hintOf, newSecret } from './key-secret.ts'

/**
 * Makes a key that administers where there is none, and answers its secret: the only time it can be shown. Null where
 * somebody can administer already.
 */
export async function makeFirstAdmin(deps: {
  store: KeyStore
  fixed: ReadonlyArray<{ client: Client }>
  ids: Ids
  clock: Clock
}): Promise<string | null> {
  const { store, fixed, ids, clock } = deps
  const now = clock.now()
  const made = await store.all()
  if (fixed.some(({ client }) => client.scopes.includes('admin'))) return null
  if (made.some((key) => key.scopes.includes('admin') && keyStateOf(key, now) === 'active')) return null

  const secret = newSecret()
  const id = ids.key()
  const names = [...fixed.map(({ client }) => client.key), ...made.map(({ name }) => name)]
  const key: GatewayKey = {
    id,
    name: names.includes('admin') ? `admin-${id.slice(-6)}` : 'admin',
    tenant: 'admin',
    scopes: ['admin'],
    allow: ['official', 'reverse', 'self_hosted'],
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
  const audit = auditEntry(deps, null, 'key.created', id, { name: key.name, scopes: key.scopes })
  return (await store.insert(key, audit)) === 'inserted' ? secret : null
}
