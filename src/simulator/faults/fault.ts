import { z } from 'zod'

/** The operations of an upstream. Faults are limited to operations, and requests are counted by them. */
export const operations = [
  'create',
  'poll',
  'result',
  'list',
  'models',
  'balance',
  'delete',
  'content',
  'character_create',
  'character_group',
  'character_read',
] as const
export type Operation = (typeof operations)[number]
/** What a fault can hit: a request, or a webhook that the vendor sends. */
export type FaultTarget = Operation | 'webhook'

/** `times`: how many requests it hits (absent: until cleared). `after`: how many requests are skipped first. */
const counted = { times: z.int().min(1).optional(), after: z.int().min(0).default(0) }
const aimed = { ...counted, on: z.array(z.enum(operations)).min(1).optional() }
/** Whether the job (or character) exists, and is billed, despite this response. */
const lost = (byDefault: boolean) => ({ ...aimed, accepted: z.boolean().default(byDefault) })
const code = z.string().min(1).max(64)
/** Replaces the usual message of the code. */
const message = z.string().min(1).max(1000).optional()

/**
 * A fault as data, from the failure modes of docs/vendors/failure-modes.md. docs/SIMULATOR.md says what
 * each one does and which operations it hits when `on` is absent.
 */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('down'),
    answer: z.enum(['unavailable', 'destroy']).default('unavailable'),
    ...aimed,
  }),
  z.strictObject({ kind: z.literal('slow'), delayMs: z.int().min(1).max(600_000), ...aimed }),
  z.strictObject({
    kind: z.literal('unauthorized'),
    reason: z.enum(['key', 'organization']).default('key'),
    ...aimed,
  }),
  z.strictObject({
    kind: z.literal('rate_limited'),
    retryAfterSeconds: z.int().min(0).optional(),
    reason: z.enum(['requests', 'concurrency']).default('requests'),
    ...aimed,
  }),
  z.strictObject({
    kind: z.literal('overloaded'),
    wrapped: z.enum(['in_429', 'in_200', 'in_502']).default('in_429'),
    words: z.enum(['bare', 'request_id', 'upgrade']).default('bare'),
    code: z.enum(['do_response_failed', 'fail_to_fetch_task', 'rate_limited']).default('do_response_failed'),
    ...aimed,
  }),
  z.strictObject({
    kind: z.literal('server_error'),
    // Relays end their own wait with 408 or 499.
    status: z.union([z.int().min(500).max(599), z.literal(408), z.literal(499)]).default(500),
    body: z.enum(['json', 'html', 'empty']).default('json'),
    ...lost(false),
  }),
  z.strictObject({ kind: z.literal('hang'), ...lost(false) }),
  z.strictObject({ kind: z.literal('reset'), ...lost(false) }),
  z.strictObject({ kind: z.literal('html'), ...lost(false) }),
  z.strictObject({ kind: z.literal('no_id'), ...lost(true) }),
  z.strictObject({
    kind: z.literal('odd_body'),
    body: z.enum(['error', 'empty', 'text', 'cut', 'list']).default('error'),
    ...lost(false),
  }),
  z.strictObject({
    kind: z.literal('billing'),
    code: z
      .enum(['insufficient_quota', 'billing_hard_limit_reached', 'insufficient_credits'])
      .default('insufficient_quota'),
    ...aimed,
  }),
  z.strictObject({
    kind: z.literal('model_gone'),
    variant: z
      .enum([
        'not_found',
        'paused',
        'paused_in_200',
        'invalid_url',
        'deployment',
        'behind_relay',
        'no_channel',
      ])
      .default('not_found'),
    ...aimed,
  }),
  z.strictObject({ kind: z.literal('invalid_value'), param: z.string().default('seconds'), ...counted }),
  z.strictObject({
    kind: z.literal('character_invalid'),
    code: z.enum(['cameo_permission_denied', 'cameo_not_found']).default('cameo_permission_denied'),
    ...counted,
  }),
  z.strictObject({
    kind: z.literal('refused'),
    code: code.optional(),
    message,
    status: z.union([200, 400, 403, 422, 451, 500, 502].map((each) => z.literal(each))).default(400),
    ...counted,
  }),
  z.strictObject({ kind: z.literal('refused_late'), code: code.optional(), message, ...counted }),
  z.strictObject({
    kind: z.literal('fails_late'),
    code: code.default('processing_error'),
    message,
    ...counted,
  }),
  z.strictObject({ kind: z.literal('stuck'), progress: z.int().min(0).max(99).default(99), ...counted }),
  z.strictObject({
    kind: z.literal('character_fails'),
    code: code.default('processing_error'),
    message,
    ...counted,
  }),
  z.strictObject({ kind: z.literal('character_stuck'), ...counted }),
  z.strictObject({ kind: z.literal('vanished'), ...counted }),
  z.strictObject({
    kind: z.literal('odd_progress'),
    style: z.enum(['regress', 'float', 'fraction', 'percent', 'missing']).default('regress'),
    ...counted,
  }),
  z.strictObject({ kind: z.literal('odd_status'), word: code.default('archiving'), ...counted }),
  z.strictObject({ kind: z.literal('no_url'), ...counted }),
  z.strictObject({
    kind: z.literal('odd_wrapping'),
    style: z.enum(['gzip', 'br', 'deflate', 'unlabelled_gzip', 'bom', 'envelope', 'echo']).default('gzip'),
    ...aimed,
  }),
  z.strictObject({
    kind: z.literal('truncated'),
    keep: z.number().min(0).max(0.99).default(0.5),
    ...counted,
  }),
  z.strictObject({
    kind: z.literal('drip'),
    bytesPerSecond: z.int().min(1).default(4096),
    ...counted,
  }),
  z.strictObject({
    kind: z.literal('wrong_type'),
    body: z.enum(['html', 'json']).default('html'),
    ...counted,
  }),
  z.strictObject({ kind: z.literal('not_ready'), ...counted }),
  z.strictObject({
    kind: z.literal('expired'),
    status: z.union([z.literal(403), z.literal(404)]).default(404),
    ...counted,
  }),
  z.strictObject({ kind: z.literal('redirect'), to: z.string().min(1).default('file'), ...counted }),
  z.strictObject({
    kind: z.literal('odd_webhook'),
    style: z.enum(['missing', 'twice', 'late', 'forged', 'stale']).default('missing'),
    delayMs: z.int().min(1).max(600_000).default(1000),
    ...counted,
  }),
])

export type Fault = z.output<typeof faultSchema>
export type FaultKind = Fault['kind']
/** A fault as a caller writes it: fields with a default may be omitted. */
export type FaultInput = z.input<typeof faultSchema>
export type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>
