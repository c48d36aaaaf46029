import { z } from 'zod'
import { scopes } from '../../../domain/accounts/client.ts'
import type { KeySettings } from '../../../domain/accounts/gateway-key.ts'
import { usdToMicros } from '../../../domain/routing/price.ts'
import { upstreamKinds } from '../../../domain/routing/upstream.ts'
import type { KeyInput } from '../../../services/accounts/keys.ts'
import { kind, toMsOrNull } from '../fields.ts'

const scope = z.enum(scopes)

/** Names of keys and tenants. */
export const accountName = z
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

const limit = z.int().min(1).max(1_000_000).nullable()

export const monthlyBudget = z.number().min(0).max(1_000_000_000).nullable()

/** What POST takes beside the name and PATCH changes. */
const settings = {
  scopes: setOf(scope),
  allow: setOf(kind),
  upstreams: setOf(z.string().min(1).max(64)).nullable(),
  models: setOf(z.string().min(1).max(128)).nullable(),
  monthly_budget_usd: monthlyBudget,
  requests_per_minute: limit,
  max_in_flight: limit,
  expires_at: z.iso.datetime({ offset: true }).nullable(),
}

const told = {
  allow: { description: 'The kinds of upstream this key may use. No other kind is ever used for it.' },
  upstreams: { description: 'The upstreams this key may use. Null means all.' },
  models: { description: 'The models this key may request. Null means all.' },
  expires_at: { description: 'When the key stops working. Null means never.' },
}

export const KeyRequest = z
  .strictObject({
    name: accountName.meta({ description: 'Must be unique among active keys.', examples: ['marketing'] }),
    tenant: accountName
      .optional()
      .meta({ description: 'The tenant that owns what the key creates. Default: the name of the key.' }),
    scopes: settings.scopes.default(['generate']),
    allow: settings.allow.default([...upstreamKinds]).meta(told.allow),
    upstreams: settings.upstreams.default(null).meta(told.upstreams),
    models: settings.models.default(null).meta(told.models),
    monthly_budget_usd: settings.monthly_budget_usd.default(null),
    requests_per_minute: settings.requests_per_minute.default(null),
    max_in_flight: settings.max_in_flight.default(null),
    expires_at: settings.expires_at.default(null).meta(told.expires_at),
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

export const KeyChange = z
  .strictObject({
    scopes: settings.scopes.optional().meta({
      description: 'Applies to new requests. To end what the key has queued, revoke it.',
    }),
    allow: settings.allow.optional().meta(told.allow),
    upstreams: settings.upstreams.optional().meta(told.upstreams),
    models: settings.models.optional().meta(told.models),
    monthly_budget_usd: settings.monthly_budget_usd.optional(),
    requests_per_minute: settings.requests_per_minute.optional(),
    max_in_flight: settings.max_in_flight.optional(),
    expires_at: settings.expires_at.optional().meta(told.expires_at),
  })
  .refine((change) => Object.keys(change).length > 0, 'must change something')
  .meta({
    id: 'KeyChange',
    description: 'Fields that are not sent stay as they are. Null removes a limit.',
    examples: [{ monthly_budget_usd: 500, max_in_flight: null }],
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

export function toKeyInput(body: z.output<typeof KeyRequest>): KeyInput {
  const { monthly_budget_usd: budget, expires_at: expiresAt } = body
  return {
    name: body.name,
    tenant: body.tenant ?? null,
    scopes: body.scopes,
    allow: body.allow,
    allowUpstreams: body.upstreams,
    allowModels: body.models,
    monthlyBudgetMicros: toMicrosOrNull(budget),
    requestsPerMinute: body.requests_per_minute,
    maxInFlight: body.max_in_flight,
    expiresAt: toMsOrNull(expiresAt),
  }
}

/** Only what was sent. */
export function toKeySettings(body: z.output<typeof KeyChange>): Partial<KeySettings> {
  const { monthly_budget_usd: budget, expires_at: expiresAt } = body
  return {
    ...(body.scopes !== undefined && { scopes: body.scopes }),
    ...(body.allow !== undefined && { allow: body.allow }),
    ...(body.upstreams !== undefined && { allowUpstreams: body.upstreams }),
    ...(body.models !== undefined && { allowModels: body.models }),
    ...(budget !== undefined && { monthlyBudgetMicros: toMicrosOrNull(budget) }),
    ...(body.requests_per_minute !== undefined && { requestsPerMinute: body.requests_per_minute }),
    ...(body.max_in_flight !== undefined && { maxInFlight: body.max_in_flight }),
    ...(expiresAt !== undefined && { expiresAt: toMsOrNull(expiresAt) }),
  }
}

export function toMicrosOrNull(dollars: number | null): number | null {
  return dollars === null ? null : usdToMicros(dollars)
}
