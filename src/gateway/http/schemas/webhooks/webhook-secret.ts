import { z } from 'zod'
import type { WebhookSecret } from '../../../ports/webhooks/webhook-secret-store.ts'
import {
  exampleWebhookSecretId,
  timestamp,
  toTimestamp,
  toTimestampOrNull,
  webhookSecretId,
} from '../fields.ts'

const secret = {
  id: webhookSecretId,
  object: z.literal('webhook_secret'),
  created_at: timestamp,
  expires_at: timestamp
    .nullable()
    .meta({ description: 'When the secret stops signing. Null if no end is planned.' }),
}
const example = {
  id: exampleWebhookSecretId,
  object: 'webhook_secret' as const,
  created_at: '2026-11-22T15:04:05.000Z',
  expires_at: null,
}

export const WebhookSecretDto = z.object(secret).meta({ id: 'WebhookSecret', examples: [example] })
export type WebhookSecretDto = z.output<typeof WebhookSecretDto>

export const WebhookSecretList = z
  .object({
    data: z.array(WebhookSecretDto),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'WebhookSecretList', description: 'All secrets, newest first.' })
export type WebhookSecretList = z.output<typeof WebhookSecretList>

export const MadeWebhookSecretDto = z
  .object({
    ...secret,
    secret: z
      .string()
      .meta({ description: 'The value that the receiver verifies signatures with. Shown only once.' }),
  })
  .meta({
    id: 'MadeWebhookSecret',
    examples: [{ ...example, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw0Jq1lT4s5uE=' }],
  })
export type MadeWebhookSecretDto = z.output<typeof MadeWebhookSecretDto>

/** The body of `POST /webhook-secrets`. */
export const WebhookSecretRequest = z
  .strictObject({
    keep_others_seconds: z
      .number()
      .min(0)
      .max(30 * 86_400)
      .default(86_400)
      .meta({
        description: 'How long earlier secrets keep signing, in seconds. 0 ends them immediately.',
      }),
  })
  .meta({ id: 'WebhookSecretRequest', examples: [{ keep_others_seconds: 3600 }] })

export function toWebhookSecretDto({ id, createdAt, expiresAt }: WebhookSecret): WebhookSecretDto {
  return {
    id,
    object: 'webhook_secret',
    created_at: toTimestamp(createdAt),
    expires_at: toTimestampOrNull(expiresAt),
  }
}
