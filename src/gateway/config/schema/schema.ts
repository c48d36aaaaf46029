import * as z from 'zod'
import { webhookFormats } from '../../domain/webhooks/webhook-event.ts'
import type { AnswerVerdict, StatusMeaning } from '../../domain/routing/answer-words.ts'
import {
  characterModes,
  chargeMoments,
  upstreamKinds,
  sourceSupports,
} from '../../domain/routing/upstream.ts'
import { costSources, usualCostRules } from '../../domain/attempts/vendor-cost.ts'
import { failureRules, fidelityFloors, priorities } from '../../domain/generation/request.ts'
import { logLevels } from '../log-level.ts'
import { nodeRoles } from '../../domain/fleet/node.ts'
import { scopes } from '../../domain/accounts/client.ts'
import { capabilitiesSchema } from './capabilities.ts'
import { retentionSchema } from './retention.ts'
import { mediaSchema } from './media.ts'
import { metricsSchema } from './metrics.ts'
import { storageSchema } from './storage.ts'
import { tracesSchema } from './traces.ts'
import {
  addressOrRange,
  callbackUrl,
  count,
  distinct,
  gatewayKey,
  headerName,
  headerValue,
  host,
  dnsServer,
  hostOrRange,
  httpUrl,
  limit,
  name,
  seconds,
  secondsOrZero,
  secret,
  setOf,
  signingSecret,
  size,
  text,
  usd,
  vendorSecret,
  webOrigin,
} from './fields.ts'
import { visualKinds } from '../../domain/media-kind.ts'
import { serverErrorMeanings } from '../../domain/routing/answer-words.ts'

const kind = z.enum(upstreamKinds)

const map = z.record(z.string(), z.unknown())

export const keySchema = z.strictObject({
  name,
  tenant: name.optional(),
  key: gatewayKey,
  scopes: setOf(z.enum(scopes)).default(['generate']),
  allow: setOf(kind).default([...upstreamKinds]),
  upstreams: setOf(name).nullable().default(null),
  models: setOf(text).nullable().default(null),
  monthly_budget_usd: usd.nullable().default(null),
  requests_per_minute: limit.default(null),
  max_in_flight: limit.default(null),
  webhook_url: callbackUrl.optional(),
  webhook_format: z.enum(webhookFormats).optional(),
  webhook_secrets: setOf(signingSecret).max(4).optional(),
})

const price = z
  .strictObject({
    per_request_usd: usd.optional(),
    per_second_usd: z.object({ default: usd }).catchall(usd).optional(),
    per_input_second_usd: usd.optional(),
    charged_on: z.enum(chargeMoments).default('success'),
    settle_by: z.enum(costSources).default(usualCostRules.settleBy),
    warn_difference: z.number().min(0).max(100).default(usualCostRules.warnDifference),
    usd_per_unit: z.record(text, z.number().min(0).max(1000)).default({}),
  })
  .superRefine((value, context) => {
    const forms = [value.per_request_usd, value.per_second_usd].filter((form) => form !== undefined)
    if (forms.length === 0) {
      const message = 'has no price; set per_request_usd or per_second_usd (0 is allowed)'
      context.addIssue({ code: 'custom', message })
    }
    if (forms.length === 2) {
      context.addIssue({ code: 'custom', message: 'has both per_request_usd and per_second_usd; keep one' })
    }
  })

const words = z.array(text).min(1).optional()

/** Words of one upstream: parts of sentences or codes by what they mean, and status words. */
const answerWords = z.strictObject({
  ...({
    never_sent: words,
    rejected: words,
    upstream_down: words,
    model_gone: words,
    invalid: words,
    elsewhere: words,
    refused: words,
    character_invalid: words,
  } satisfies Record<AnswerVerdict, typeof words>),
  words: z
    .strictObject({
      waiting: words,
      completed: words,
      failed: words,
      refused: words,
      cancelled: words,
      expired: words,
    } satisfies Record<StatusMeaning, typeof words>)
    .prefault({}),
})

export const upstreamSchema = z.strictObject({
  id: name,
  enabled: z.boolean().default(true),
  kind,
  dialect: z.union([z.string(), map], {
    error: ({ input }) =>
      input === undefined ? 'is required' : 'should be the name of a dialect, or a map that describes one',
  }),
  profile: z.string().optional(),
  traits: map.default({}),
  base_url: httpUrl,
  api_key: secret.optional(),
  access_key: secret.optional(),
  secret_key: secret.optional(),
  webhook_secret: vendorSecret.optional(),
  models: z
    .record(z.string(), text)
    .refine((models) => Object.keys(models).length > 0, 'should have at least one model: `our-id: their-id`'),
  durations: setOf(z.number().min(0.1).max(3600)).nullable().default(null),
  sizes: setOf(size).nullable().default(null),
  references: z.array(z.enum(visualKinds)).superRefine(distinct).default([]),
  capabilities: capabilitiesSchema.optional(),
  exclusive: z.boolean().default(false),
  source_videos: z.enum(sourceSupports).optional(),
  characters: z.enum(characterModes).default('none'),
  max_characters: count.max(100).optional(),
  character_clip_seconds: z
    .strictObject({ min: secondsOrZero.default(0), max: seconds })
    .refine(({ min, max }) => min <= max, 'has a min that is longer than its max')
    .optional(),
  max_prompt_characters: limit.default(null),
  price,
  limits: z
    .strictObject({
      max_in_flight: limit.default(null),
      creates_per_minute: limit.default(null),
      polls_per_second: z.number().min(0.001).nullable().default(null),
      spend_usd_per_day: usd.nullable().default(null),
    })
    .prefault({}),
  poll: z
    .strictObject({
      first_after_seconds: secondsOrZero.optional(),
      every_seconds: seconds.optional(),
      learn: z.boolean().default(true),
    })
    .prefault({}),
  timeouts: z
    .strictObject({
      connect_seconds: seconds.default(5),
      create_seconds: seconds.default(60),
      stall_seconds: seconds.optional(),
      attempt_seconds: seconds.default(900),
    })
    .prefault({}),
  breaker: z
    .strictObject({
      failure_rate: z.number().min(0.01).max(1).default(0.5),
      window_seconds: seconds.default(60),
      min_calls: count.default(5),
      open_seconds: seconds.default(30),
      model_gone_seconds: seconds.default(900),
    })
    .prefault({}),
  create_5xx: z.enum(serverErrorMeanings).default('unknown'),
  idempotency_header: headerName.nullable().default(null),
  headers: z.record(headerName, headerValue).default({}),
  answers: answerWords.prefault({}),
})

/** The file. Optional fields whose default depends on other fields are completed in `complete-config.ts`. */
export const fileSchema = z.strictObject({
  server: z
    .strictObject({
      host: host.default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(8787),
      public_url: httpUrl.optional(),
      trust_proxy: z.array(addressOrRange).superRefine(distinct).default([]),
      cors_origins: z.array(webOrigin).superRefine(distinct).default([]),
      event_streams: count.max(65_536).default(10_000),
      role: z.enum(nodeRoles).default('all'),
    })
    .prefault({}),
  console: z.boolean().default(true),
  log: z.strictObject({ level: z.enum(logLevels).optional() }).prefault({}),
  storage: storageSchema,
  media: mediaSchema,
  retention: retentionSchema,
  workers: z
    .strictObject({
      concurrency: z
        .strictObject({
          create: count.max(4096).default(64),
          poll: count.max(4096).default(64),
          archive: count.max(4096).default(16),
          character: count.max(4096).default(16),
          total: count.max(65_536).default(1024),
        })
        .prefault({}),
      overdue_seconds: seconds.default(60),
    })
    .prefault({}),
  auth: z.strictObject({ keys: z.array(keySchema).default([]) }).prefault({}),
  routing: z
    .strictObject({
      model: text.optional(),
      priority: z.enum(priorities).default('cost'),
      fallback: z.boolean().default(true),
      character_fidelity: z.enum(fidelityFloors).default('any'),
      on_unknown: z.enum(failureRules).default('fail'),
      unknown_hold_seconds: secondsOrZero.default(600),
      on_unexplained: z.enum(failureRules).default('fallback'),
      late_watch_seconds: secondsOrZero.default(86_400),
      deadline_seconds: seconds.default(1800),
    })
    .prefault({}),
  fetch: z
    .strictObject({
      allow_private_hosts: z.array(hostOrRange).default([]),
      min_bytes_per_second: z.int().min(0).default(16_384),
      dns_servers: setOf(dnsServer).nullable().default(null),
    })
    .prefault({}),
  metrics: metricsSchema,
  traces: tracesSchema,
  upstreams: z.array(upstreamSchema).default([]),
})

export type FileSettings = z.output<typeof fileSchema>
export type FileUpstream = FileSettings['upstreams'][number]
export type FileKey = FileSettings['auth']['keys'][number]
