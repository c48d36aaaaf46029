import { z } from 'zod'
import { scopes } from '../../../domain/accounts/client.ts'
import { keyStates } from '../../../domain/accounts/gateway-key.ts'
import { keySources } from '../../../services/accounts/keys.ts'
import type { KeyView, MadeKey } from '../../../services/accounts/keys.ts'
import {
  exampleKeyId,
  keyId,
  shownKind,
  timestamp,
  toTimestamp,
  toTimestampOrNull,
  toUsd,
  usd,
} from '../fields.ts'
import { pageOf } from '../paging.ts'
import { shownWord } from '../shown-word.ts'

const shown = {
  id: keyId,
  object: z.literal('key'),
  name: z.string(),
  tenant: z.string(),
  source: z.enum(keySources).meta({
    description: 'Only keys with the source `api` can be changed, rotated and revoked with this API.',
  }),
  state: z.enum(keyStates),
  scopes: z.array(shownWord(scopes)),
  allow: z.array(shownKind),
  upstreams: z.array(z.string()).nullable(),
  models: z.array(z.string()).nullable(),
  monthly_budget_usd: usd.nullable(),
  requests_per_minute: z.int().nullable(),
  max_in_flight: z.int().nullable(),
  spent_this_month_usd: usd.meta({ description: 'The settled costs of this month (UTC).' }),
  reserved_this_month_usd: usd.meta({
    description: 'What open work may still cost. It counts against the budget together with what is spent.',
  }),
  budget_resets_at: timestamp,
  in_flight: z.int().meta({ description: 'Generations that have not ended.' }),
  tenant_budget: z
    .object({
      monthly_budget_usd: usd,
      spent_this_month_usd: usd,
      reserved_this_month_usd: usd,
    })
    .nullable()
    .meta({
      description:
        'The budget that all keys of the tenant share, and what they have used of it. Null means no limit. A request must fit into this budget and into that of the key.',
    }),
  last_used_at: timestamp
    .nullable()
    .meta({ description: 'The last request with this key. Null if there was none.' }),
  secrets: z
    .array(
      z.object({
        hint: z.string().meta({ description: 'The last characters of the secret.' }),
        created_at: timestamp,
        valid_until: timestamp
          .nullable()
          .meta({ description: 'When the secret expires. Null means together with the key.' }),
      }),
    )
    .meta({
      description: 'The valid secrets, newest first. Empty for keys that were not created with the API.',
    }),
  created_at: timestamp.nullable(),
  expires_at: timestamp.nullable(),
  revoked_at: timestamp.nullable(),
}

const example = {
  id: exampleKeyId,
  object: 'key',
  name: 'marketing',
  tenant: 'studio',
  source: 'api',
  state: 'active',
  scopes: ['generate'],
  allow: ['official', 'reverse'],
  upstreams: null,
  models: ['sora-2'],
  monthly_budget_usd: 200,
  requests_per_minute: 120,
  max_in_flight: 20,
  spent_this_month_usd: 71.28,
  reserved_this_month_usd: 1.12,
  budget_resets_at: '2026-12-01T00:00:00.000Z',
  in_flight: 1,
  tenant_budget: { monthly_budget_usd: 500, spent_this_month_usd: 212.4, reserved_this_month_usd: 3.36 },
  last_used_at: '2026-11-24T09:12:44.000Z',
  secrets: [{ hint: 'x9Qa', created_at: '2026-11-22T15:04:05.000Z', valid_until: null }],
  created_at: '2026-11-22T15:04:05.000Z',
  expires_at: null,
  revoked_at: null,
}

export const KeyDto = z.object(shown).meta({
  id: 'Key',
  description:
    'An API key, without its secret. Keys with the same name and tenant share costs and reservations.',
  examples: [example],
})

export const KeyPage = pageOf('KeyPage', KeyDto)

export const MadeKeyDto = z
  .object({
    ...shown,
    secret: z.string().meta({ description: 'Shown only once: the gateway stores only a hash.' }),
  })
  .meta({
    id: 'MadeKey',
    description: 'A key with its new secret.',
    examples: [{ ...example, secret: 'und_q1Zk0Tn2m8rJ5vX3bL7cW9yH4sG6dF0aP2eU8iO1x9Qa' }],
  })

export type KeyDto = z.output<typeof KeyDto>
export type MadeKeyDto = z.output<typeof MadeKeyDto>

export function toKeyDto(key: KeyView): KeyDto {
  return {
    id: key.id,
    object: 'key',
    name: key.name,
    tenant: key.tenant,
    source: key.source,
    state: key.state,
    scopes: key.scopes,
    allow: [...key.allow],
    upstreams: key.allowUpstreams && [...key.allowUpstreams],
    models: key.allowModels && [...key.allowModels],
    monthly_budget_usd: key.monthlyBudgetMicros === null ? null : toUsd(key.monthlyBudgetMicros),
    requests_per_minute: key.requestsPerMinute,
    max_in_flight: key.maxInFlight,
    spent_this_month_usd: toUsd(key.spentMicros),
    reserved_this_month_usd: toUsd(key.reservedMicros),
    budget_resets_at: toTimestamp(key.budgetResetsAt),
    in_flight: key.inFlight,
    tenant_budget: key.tenantBudget && {
      monthly_budget_usd: toUsd(key.tenantBudget.monthlyBudgetMicros),
      spent_this_month_usd: toUsd(key.tenantBudget.spentMicros),
      reserved_this_month_usd: toUsd(key.tenantBudget.reservedMicros),
    },
    last_used_at: toTimestampOrNull(key.lastUsedAt),
    secrets: key.secrets.map(({ hint, createdAt, validUntil }) => ({
      hint,
      created_at: toTimestamp(createdAt),
      valid_until: toTimestampOrNull(validUntil),
    })),
    created_at: toTimestampOrNull(key.createdAt),
    expires_at: toTimestampOrNull(key.expiresAt),
    revoked_at: toTimestampOrNull(key.revokedAt),
  }
}

export function toMadeKeyDto({ key, secret }: MadeKey): MadeKeyDto {
  return { ...toKeyDto(key), secret }
}
