import { z } from 'zod'
import { scopes } from '../../domain/accounts/client.ts'
import type { Client } from '../../domain/accounts/client.ts'
import { upstreamKinds } from '../../domain/routing/upstream.ts'
import { webhookFormats } from '../../domain/webhooks/webhook-event.ts'
import { storedWord } from '../stored-word.ts'

/** The client that started a long-running operation, as stored with it. */
export const clientDocument: z.ZodType<Client> = z.object({
  keyId: z.templateLiteral(['key_', z.string()]).default('key_'),
  tenant: z.string(),
  key: z.string(),
  scopes: z.array(storedWord(scopes)),
  allow: z.array(storedWord(upstreamKinds)),
  allowUpstreams: z.array(z.string()).nullable().default(null),
  allowModels: z.array(z.string()).nullable().default(null),
  origin: z.object({ address: z.string(), requestId: z.string() }).exactOptional(),
  monthlyBudgetMicros: z.number().nullable(),
  requestsPerMinute: z.number().nullable(),
  maxInFlight: z.number().nullable(),
  webhookUrl: z.string().nullable().default(null),
  webhookFormat: storedWord(webhookFormats).exactOptional(),
})
