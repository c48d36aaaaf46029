import { z } from 'zod'
import { scopes } from '../../../domain/accounts/client.ts'
import { keyStates } from '../../../domain/accounts/gateway-key.ts'
import { keySources } from '../../../services/accounts/keys.ts'
import type { KeyInput, KeyView, MadeKey } from '../../../services/accounts/keys.ts'
import {
  exampleKeyId,
  keyId,
  kind,
  shownKind,
  timestamp,
  toTimestamp,
  toTimestampOrNull,
  toUsd,
  usd,
} from '../fields.ts'
import { pageOf } from '../paging.ts'
import { shownWord } from '../shown-word.ts'
import { upstreamKinds } from '../../../domain/routing/upstream.ts'

const scope = z.enum(scopes)

const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'must be up to 64 letters, digits, ., _ or -, a letter or digit first',
  )

function isDistinct(list: readonly unknown[]): boolean {
  return new Set(list).size === list.length
}

function setOf<T extends z.ZodType>(item: T) {
  return z.array(item).min(1).max(100).refine(isDistinct, 'must not have an entry twice')
}

const limit = z.int().min(1).max(1_000_000).nullable().default(null)

const upstreams = setOf(z.string().min(1).max(64))
const models = setOf(z.string().min(1).max(128))

export const KeyRequest = z
  .strictObject({
    name: name.meta({ description: 'Must be unique among active keys.', examples: ['marketing'] }),
    tenant: name
      .optional()
      .meta({ description: 'The tenant that owns what the key creates. Default: the name of the key.' }),
    scopes: setOf(scope).default(['generate']),
    allow: setOf(kind)
      .default([...upstreamKinds])
      .meta({ description: 'The kinds of upstream this key may use. No other kind is ever used for it.' }),
    upstreams: upstreams
      .nullable()
      .default(null)
      .meta({ description: 'The upstreams this key may use. Null means all.' }),
    models: models
      .nullable()
      .default(null)
      .meta({ description: 'The models this key may request. Null means all.' }),
    monthly_budget_usd: z.number().min(0).max(1_000_000_000).nullable().default(null),
    requests_per_minute: limit,
    max_in_flight: limit,
    expires_at: z.iso
      .datetime({ offset: true })
      .nullable()
      .default(null)
      .meta({ description: 'When the key stops working. Null means never.' }),
  })
  .meta({
    id: 'KeyRequest',
    examples: [
      {
        name: 'marketing',
        tenant: 'studio',
        scopes: ['generate'],
        allow: ['official', 'reverse'],
        monthly_budget_usd: 200,
        requests_per_minute: 120,
        expires_at: '2027-01-01T00:00:00Z',
      },
    ],
  })

export const RotateRequest = z
  .strictObject({
    grace_seconds: z
      .int()
      .min(0)
      .max(90 * 86_400)
      .default(86_400)
      .meta({ description: 'How long the previous secret stays valid, in seconds.' }),
  })
  .meta({ id: 'RotateRequest', examples: [{ grace_seconds: 3600 }] })

const shown = {
  id: keyId,
  object: z.literal('key'),
  name: z.string(),
  tenant: z.string(),
  source: z.enum(keySources).meta({
    description: 'Only keys with the source `api` can be rotated and revoked with this API.',
  }),
  state: z.enum(keyStates),
  scopes: z.array(shownWord(scopes)),
  allow: z.array(shownKind),
  upstreams: z.array(z.string()).nullable(),
  models: z.array(z.string()).nullable(),
  monthly_budget_usd: usd.nullable(),
  requests_per_minute: z.int().nullable(),
  max_in_flight: z.int().nullable(),
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
  secrets: [{ hint: 'x9Qa', created_at: '2026-11-22T15:04:05.000Z', valid_until: null }],
  created_at: '2026-11-22T15:04:05.000Z',
  expires_at: null,
  revoked_at: null,
}

export const KeyDto = z
  .object(shown)
  .meta({ id: 'Key', description: 'An API key, without its secret.', examples: [example] })

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

export function toKeyInput(body: z.output<typeof KeyRequest>): KeyInput {
  const { monthly_budget_usd: budget, expires_at: expiresAt } = body
  return {
    name: body.name,
    tenant: body.tenant ?? null,
    scopes: body.scopes,
    allow: body.allow,
    allowUpstreams: body.upstreams,
    allowModels: body.models,
    monthlyBudgetMicros: budget === null ? null : Math.round(budget * 1e6),
    requestsPerMinute: body.requests_per_minute,
    maxInFlight: body.max_in_flight,
    expiresAt: expiresAt === null ? null : Date.parse(expiresAt),
  }
}

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
