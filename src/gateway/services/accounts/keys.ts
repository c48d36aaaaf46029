import type { Client, Floor, Scope } from '../../domain/accounts/client.ts'
import type { Grant, KeySecret, KeySettings, KeyState } from '../../domain/accounts/gateway-key.ts'
import type { KeyId } from '../../domain/ids.ts'
import type { KeyFigures } from '../../ports/accounts/read-key-figures.ts'

import type { IdempotencyInput } from '../generations/generations.ts'
import type { Once } from '../once-only.ts'

/** From where a key comes: only those of the API can be changed by it. */
export const keySources = ['api', 'config', 'environment', 'generated'] as const
export type KeySource = (typeof keySources)[number]

/** The budget of a key's tenant, and what all keys of the tenant have used of it. */
export interface TenantBudget extends KeyFigures {
  monthlyBudgetMicros: number
}

/** A key as it may be shown: without its secret. */
export interface KeyView extends Grant, KeyFigures {
  id: KeyId
  name: string
  source: KeySource
  state: KeyState
  /** Newest first; empty where the secret is not kept here. */
  secrets: Array<Omit<KeySecret, 'hash'>>
  /** Null if the tenant has no budget of its own. */
  tenantBudget: TenantBudget | null
  /** The last call with it, in ms since the epoch. A crash may forget the last minute. Null: never. */
  lastUsedAt: number | null
  /** The start of the next month. */
  budgetResetsAt: number
  /** Null for keys that are not made by the API. */
  createdAt: number | null
  expiresAt: number | null
  revokedAt: number | null
}

export interface KeyInput extends Floor {
  name: string
  /** Null: the name. */
  tenant: string | null
  scopes: Scope[]
  monthlyBudgetMicros: number | null
  requestsPerMinute: number | null
  maxInFlight: number | null
  expiresAt: number | null
}

/** The one time at which a secret is seen. */
export interface MadeKey {
  key: KeyView
  secret: string
}

/** Keys, for who administers. Failures are thrown as `Problem`. */
export interface KeyService {
  create(client: Client, input: KeyInput, idempotency: IdempotencyInput | null): Promise<Once<MadeKey>>
  /** Those of the API, newest first, and then those that are not made by it. */
  list(query: { before: KeyId | null; limit: number }): Promise<{ data: KeyView[]; hasMore: boolean }>
  get(id: KeyId): Promise<KeyView>
  /** A second secret; the one before it is valid for `graceMs` more, and any older one no longer. */
  rotate(
    client: Client,
    id: KeyId,
    graceMs: number,
    idempotency: IdempotencyInput | null,
  ): Promise<Once<MadeKey>>
  /** Only what is given changes. Takes effect at once, and narrows what is queued. */
  update(client: Client, id: KeyId, change: Partial<KeySettings>): Promise<KeyView>
  /** For good, and at once. The last key that administers stays. */
  revoke(client: Client, id: KeyId): Promise<void>
}
