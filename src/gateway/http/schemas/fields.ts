import { z } from 'zod'
import { fidelities, upstreamKinds } from '../../domain/routing/upstream.ts'
import { shownWord } from './shown-word.ts'
import { isCharacterName } from '../../domain/characters/character-name.ts'
import { isCharacterId } from '../../domain/ids.ts'

const ULID = /^[0-9a-z]{26}$/
const EXAMPLE_ULID = '01kasp3v5tq8c9d4wz7m2n6xhr'

export const exampleGenerationId = `gen_${EXAMPLE_ULID}`
export const exampleCharacterId = `char_${EXAMPLE_ULID}`
export const exampleAuditId = `aud_${EXAMPLE_ULID}`
export const exampleKeyId = `key_${EXAMPLE_ULID}`
export const exampleComparisonId = `cmp_${EXAMPLE_ULID}`
export const exampleSeriesId = `ser_${EXAMPLE_ULID}`
export const exampleDeliveryId = `dlv_${EXAMPLE_ULID}_000012`
export const exampleWebhookSecretId = `wsec_${EXAMPLE_ULID}`

export const generationId = z
  .templateLiteral(['gen_', z.string().regex(ULID)], 'is not the id of a generation')
  .meta({ description: 'Sortable by creation time.', examples: [exampleGenerationId] })

export const attemptId = z
  .templateLiteral(['att_', z.string().regex(ULID)], 'is not the id of an attempt')
  .meta({ description: 'Sortable by creation time.', examples: [`att_${EXAMPLE_ULID}`] })

export const characterId = z
  .templateLiteral(['char_', z.string().regex(ULID)], 'is not the id of a character')
  .meta({ description: 'Sortable by creation time.', examples: [exampleCharacterId] })

export const keyId = z
  .templateLiteral(['key_', z.string().regex(ULID)], 'is not the id of a key')
  .meta({ examples: [exampleKeyId] })

export const auditId = z
  .templateLiteral(['aud_', z.string().regex(ULID)], 'is not the id of an entry of the audit log')
  .meta({ examples: [exampleAuditId] })

export const comparisonId = z
  .templateLiteral(['cmp_', z.string().regex(ULID)], 'is not the id of a comparison')
  .meta({ description: 'Sortable by creation time.', examples: [exampleComparisonId] })

export const seriesId = z
  .templateLiteral(['ser_', z.string().regex(ULID)], 'is not the id of a series')
  .meta({ description: 'Sorts by creation time.', examples: [exampleSeriesId] })

export const sessionId = z
  .templateLiteral(['ses_', z.string().regex(ULID)], 'is not the id of a session')
  .meta({ description: 'Sorts by creation time.', examples: [`ses_${EXAMPLE_ULID}`] })

/** A character by its id or its name. */
export const characterRef = z
  .string()
  .normalize('NFKC')
  .refine(
    (given) => isCharacterId(given) || isCharacterName(given),
    'is neither the id nor the name of a character',
  )

export const deliveryId = z
  .templateLiteral(['dlv_', z.string().regex(/^[0-9a-z]{26}_\d{6,9}$/)], 'is not the id of a delivery')
  .meta({ description: 'Sent as `webhook-id` with every try.', examples: [exampleDeliveryId] })

export const webhookSecretId = z
  .templateLiteral(['wsec_', z.string().regex(ULID)], 'is not the id of a webhook secret')
  .meta({ description: 'Sortable by creation time.', examples: [exampleWebhookSecretId] })

/** Text that every store and every vendor can carry: no NUL, no half of a surrogate pair. */
export function text(maxLength: number, base = z.string()) {
  return base
    .max(maxLength)
    .refine((value) => !value.includes('\0') && value.isWellFormed(), 'contains characters that are not text')
}

export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .max(2048)
  .refine((value) => URL.parse(value)?.username === '', 'must not carry a user name')

export const timestamp = z.iso.datetime().meta({ examples: ['2026-11-22T15:04:05.000Z'] })

/** A boolean in a query. */
export const trueOrFalse = z.enum(['true', 'false'])

/** A time that a caller says, in RFC 3339 with any offset. */
export const instant = z.iso.datetime({
  offset: true,
  error: 'must be a time such as 2026-11-01T00:00:00Z',
})

export function toMsOrNull(value: string | null | undefined): number | null {
  return value == null ? null : Date.parse(value)
}

/** Milliseconds since the epoch as RFC 3339 UTC. */
export function toTimestamp(ms: number): string {
  return new Date(ms).toISOString()
}

export function toTimestampOrNull(ms: number | null): string | null {
  return ms === null ? null : toTimestamp(ms)
}

export const usd = z.number().nonnegative()

/** Integer micro-dollars inside, dollars outside. */
export function toUsd(micros: number): number {
  return micros / 1e6
}

export const kind = z.enum(upstreamKinds)
/** As it is answered of what is stored. */
export const shownKind = shownWord(upstreamKinds)
export const fidelity = shownWord(fidelities).meta({
  description:
    '`native`: the upstream knows the character. `inline`: its clip or pictures are sent with the create. `reference`: the upstream receives the clip and the description.',
})

/** Of members that are null where a key sees no more than the outline of a generation. */
export const withheld =
  'Null for generations of other tenants, unless the key has the scope `operate_prompts`.'
