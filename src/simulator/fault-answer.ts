import type { FaultOf } from './fault.ts'
import { refusal, refusalCode } from './moderation.ts'
import type { SimulatedUpstream } from './simulated-upstream.ts'
import { envelope } from './vendor-error.ts'

/** Kinds that answer instead of the endpoint. */
export const answeringKinds = [
  'down',
  'unauthorized',
  'rate_limited',
  'overloaded',
  'server_error',
  'hang',
  'reset',
  'html',
  'no_id',
  'billing',
  'model_gone',
  'invalid_value',
  'character_invalid',
  'refused',
  'vanished',
  'wrong_type',
  'not_ready',
  'expired',
  'redirect',
] as const
type AnsweringKind = (typeof answeringKinds)[number]

export type FaultAnswer = { type: 'hang' } | { type: 'reset' } | { type: 'destroy' } | FaultReply

export interface FaultReply {
  type: 'reply'
  status: number
  headers: Record<string, string>
  body: object | string
}

/** Where an answer is given: vendors differ in words, and some answers quote the request. */
export interface AnswerContext {
  dialect: SimulatedUpstream['dialect']
  method: string
  url: string
  /** The `:id` of the path, or an empty string. */
  jobId: string
  /** Where a redirected content request is sent when the fault says `file`. */
  fileUrl: string
}

/** new-api's words for overload, as seen at resellers (reverse-dialects.md §4 row 3). */
const overload = {
  code: 'do_response_failed',
  message: '当前分组上游负载已饱和，请稍后再试',
  data: null,
}
const page =
  '<!doctype html><html><head><title>Console</title></head><body><div id="root"></div></body></html>'

const json = (status: number, body: object, headers: Record<string, string> = {}): FaultReply => ({
  type: 'reply',
  status,
  headers,
  body,
})
const html = (status: number, body = page): FaultReply => ({
  type: 'reply',
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body,
})
function failure(
  status: number,
  message: string,
  type: string,
  code: string | null,
  param: string | null = null,
) {
  return json(status, envelope({ status, type, code, param, message }))
}

type Faults = { [K in AnsweringKind]: FaultOf<K> }
type Answers = { [K in AnsweringKind]: (fault: Faults[K], context: AnswerContext) => FaultAnswer }

const answers: Answers = {
  hang: () => ({ type: 'hang' }),
  reset: () => ({ type: 'reset' }),
  down: (fault) => (fault.answer === 'destroy' ? { type: 'destroy' } : unavailable),
  html: () => html(200),
  no_id: (_fault, { dialect }) =>
    json(200, dialect === 'openai-videos' ? { object: 'video', status: 'queued' } : { status: 'ok' }),
  rate_limited: rateLimited,
  overloaded,
  server_error: serverError,
  unauthorized: () => json(401, envelope(wrongKey)),
  billing,
  model_gone: modelGone,
  invalid_value: ({ param }) =>
    failure(400, `Invalid value for '${param}'.`, 'invalid_request_error', 'invalid_value', param),
  character_invalid: (fault) =>
    failure(400, characterMessage(fault.code), 'invalid_request_error', fault.code),
  refused: ({ code, status }, { dialect }) =>
    json(status, envelope(refusal(code ?? refusalCode(dialect), status))),
  vanished: (_fault, context) => notFound(context),
  wrong_type: (fault) => (fault.body === 'html' ? html(200) : json(200, envelope(unreadable))),
  not_ready: () => failure(404, notReadyMessage, 'invalid_request_error', null),
  expired: (fault) => failure(fault.status, 'The video has expired.', 'invalid_request_error', null),
  redirect: (fault, context) => json(302, {}, { location: redirection(fault.to, context) }),
}

/** What the upstream answers while a fault of this kind is on, in the words of its dialect. */
export function answerOf<K extends AnsweringKind>(
  kind: K,
  fault: Faults[K],
  context: AnswerContext,
): FaultAnswer {
  return answers[kind](fault, context)
}

function redirection(to: string, context: AnswerContext): string {
  if (to === 'self') return context.url
  return to === 'file' ? context.fileUrl : to
}

/** official-api.md §3.2. */
export const wrongKey = {
  status: 401,
  type: 'invalid_request_error',
  code: 'invalid_api_key',
  param: null,
  message: 'Incorrect API key provided.',
}

const unavailable = failure(503, 'Service unavailable.', 'server_error', null)

/** official-api.md §2.6. */
export const notReadyMessage = 'Video is not ready yet, use GET /v1/videos/{video_id} to check status.'
/** An error relayed as 200 where a video was due (official-api.md §5 row 9). */
const unreadable = {
  status: 200,
  type: 'server_error',
  code: null,
  param: null,
  message: 'The video could not be read.',
}

/** reverse-dialects.md §4 row 11. */
export function characterMessage(code: 'cameo_permission_denied' | 'cameo_not_found'): string {
  return code === 'cameo_not_found'
    ? 'One or more mentioned cameos were not found.'
    : 'You are not allowed to access one or more mentioned cameos.'
}

/** An unknown job: official-api.md §3.2, and `task_not_exist` of reverse-dialects.md §4 row 7. */
export function notFound(context: Pick<AnswerContext, 'dialect' | 'jobId'>): FaultReply {
  if (context.dialect === 'sora-tasks')
    return json(404, { code: 'task_not_exist', message: 'task_not_exist', data: null })
  return failure(404, `Video with id '${context.jobId}' not found.`, 'invalid_request_error', null)
}

/** A 429 about slots, not about requests per minute (official-api.md §3.2, Azure). */
export const tooManyRunning = {
  status: 429,
  type: 'video_generation_user_error',
  code: null,
  param: null,
  message: 'Too many running tasks.',
}

function rateLimited(fault: FaultOf<'rate_limited'>): FaultAnswer {
  const headers: Record<string, string> =
    fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) }
  if (fault.reason === 'concurrency') return json(429, envelope(tooManyRunning), headers)
  const message = 'Rate limit reached for requests.'
  const error = { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded', param: null, message }
  return json(429, envelope(error), headers)
}

function overloaded(fault: FaultOf<'overloaded'>): FaultAnswer {
  if (fault.wrapped === 'in_200') return json(200, overload)
  if (fault.wrapped === 'in_429') return json(429, overload)
  return failure(502, `Provider returned 429: ${JSON.stringify(overload)}`, 'bad_gateway', null)
}

function serverError(fault: FaultOf<'server_error'>): FaultAnswer {
  if (fault.body === 'html') return html(fault.status, `<html><body><h1>${fault.status}</h1></body></html>`)
  if (fault.body === 'empty') return { type: 'reply', status: fault.status, headers: {}, body: '' }
  const message = 'The server had an error while processing your request.'
  return failure(fault.status, message, 'server_error', null)
}

function billing(fault: FaultOf<'billing'>): FaultAnswer {
  if (fault.code === 'insufficient_quota')
    return failure(429, 'You exceeded your current quota.', 'insufficient_quota', fault.code)
  if (fault.code === 'billing_hard_limit_reached')
    return failure(400, 'Billing hard limit has been reached', 'billing_limit_user_error', fault.code)
  return failure(402, 'Insufficient credits.', 'invalid_request_error', fault.code)
}

/** reverse-dialects.md §4 row 1: the ways in which a model or an endpoint was seen to go. */
function modelGone(fault: FaultOf<'model_gone'>, { method, url }: AnswerContext): FaultAnswer {
  const paused = { code: 500, msg: 'This interface is temporarily paused' }
  if (fault.variant === 'paused') return json(500, paused)
  if (fault.variant === 'paused_in_200') return json(200, paused)
  if (fault.variant === 'invalid_url')
    return failure(404, `Invalid URL (${method} ${url})`, 'invalid_request_error', null)
  return failure(404, 'The model does not exist.', 'invalid_request_error', 'model_not_found', 'model')
}
