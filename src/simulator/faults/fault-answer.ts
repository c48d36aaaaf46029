import type { FaultOf } from './fault.ts'
import { refusal } from '../jobs/moderation.ts'
import { htmlReply, jsonReply } from '../jobs/speech.ts'
import type { Reply, Speech } from '../jobs/speech.ts'
import {
  billingError,
  characterError,
  deploymentUnknown,
  expired,
  jobUnknown,
  modelUnknown,
  modelUnknownBehind,
  noChannel,
  notReady,
  overloaded,
  paused,
  rateLimited,
  serverError,
  tooManyRunning,
  unavailable,
  unreadableVideo,
  unverified,
  urlUnknown,
  wrongKey,
} from './vendor-errors.ts'
import { invalidRequest } from '../jobs/vendor-error.ts'

/** Kinds that respond instead of the endpoint. */
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
  'odd_body',
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

export type FaultAnswer =
  { type: 'hang' } | { type: 'reset' } | { type: 'destroy' } | { type: 'reply'; reply: Reply }

/** The context of a response: vendors differ in their messages, and some responses quote the request. */
export interface AnswerContext {
  speech: Speech
  method: string
  /** The vendor's own path, without the simulator's prefix. */
  url: string
  /** The requested id, or an empty string. */
  jobId: string
  /** The target of a redirected content request for the faults `file` and `self`. */
  fileUrl: string
  ownUrl: string
}

const reply = (given: Reply): FaultAnswer => ({ type: 'reply', reply: given })

type Faults = { [K in AnsweringKind]: FaultOf<K> }
type Answers = { [K in AnsweringKind]: (fault: Faults[K], context: AnswerContext) => FaultAnswer }

const answers: Answers = {
  hang: () => ({ type: 'hang' }),
  reset: () => ({ type: 'reset' }),
  down: (fault, { speech }) =>
    fault.answer === 'destroy'
      ? { type: 'destroy' }
      : reply({ ...speech.say(unavailable), status: unavailable.status }),
  html: () => reply(htmlReply(200)),
  no_id: (_fault, { speech }) => reply(jsonReply(200, speech.withoutId)),
  odd_body: (fault, { speech }) => reply(oddBody(fault.body, speech)),
  rate_limited: rateLimit,
  overloaded: overload,
  server_error: (fault, { speech }) => reply(serverFault(fault, speech)),
  unauthorized: ({ reason }, { speech }) => reply(speech.say(reason === 'key' ? wrongKey : unverified)),
  billing: ({ code }, { speech }) => reply(speech.say(billingError(code))),
  model_gone: modelGone,
  invalid_value: ({ param }, { speech }) => {
    const { error } = invalidRequest(`Invalid value for '${param}'.`, { code: 'invalid_value', param })
    return reply(speech.say(error))
  },
  character_invalid: ({ code }, { speech }) => reply(speech.say(characterError(code))),
  refused: ({ code, message, status }, { speech }) =>
    reply(speech.say(refusal(code ?? speech.refusal.atCreate, status, message))),
  vanished: (_fault, { speech, jobId }) => reply(speech.say(jobUnknown(jobId))),
  wrong_type: (fault, { speech }) =>
    reply(fault.body === 'html' ? htmlReply(200) : { ...speech.say(unreadableVideo), status: 200 }),
  not_ready: (_fault, { speech }) => reply({ ...speech.say(notReady), status: notReady.status }),
  expired: ({ status }, { speech }) => reply({ ...speech.say(expired(status)), status }),
  redirect: ({ to }, context) => reply(jsonReply(302, {}, { location: redirection(to, context) })),
}

/** The upstream's response while a fault of this kind is active, in the words of its dialect. */
export function answerOf<K extends AnsweringKind>(
  kind: K,
  fault: Faults[K],
  context: AnswerContext,
): FaultAnswer {
  return answers[kind](fault, context)
}

function redirection(to: string, { fileUrl, ownUrl }: AnswerContext): string {
  if (to === 'self') return ownUrl
  return to === 'file' ? fileUrl : to
}

function rateLimit(fault: FaultOf<'rate_limited'>, { speech }: AnswerContext): FaultAnswer {
  const said = speech.say(fault.reason === 'concurrency' ? tooManyRunning : rateLimited)
  if (fault.retryAfterSeconds === undefined) return reply(said)
  const headers = { ...said.headers, 'retry-after': String(fault.retryAfterSeconds) }
  return reply({ ...said, headers })
}

/** The vendor's own message for overload; relays quote it in a 502 (docs/vendors/relays.md#retries-by-relays). */
function overload({ wrapped, words, code }: FaultOf<'overloaded'>, { speech }: AnswerContext): FaultAnswer {
  const said = speech.say(overloaded(words, code))
  if (wrapped === 'in_429') return reply({ ...said, status: 429 })
  if (wrapped === 'in_200') return reply({ ...said, status: 200 })
  const quoted = `Provider returned 429: ${JSON.stringify(said.body)}`
  const relayed = speech.say({ ...serverError(502), type: 'bad_gateway', message: quoted })
  return reply({ ...relayed, status: 502 })
}

function serverFault({ status, body }: FaultOf<'server_error'>, speech: Speech): Reply {
  if (body === 'html') return htmlReply(status, `<html><body><h1>${status}</h1></body></html>`)
  if (body === 'empty') return { status, headers: {}, body: '' }
  return { ...speech.say(serverError(status)), status }
}

/** A 200 that does not answer the request (docs/vendors/failure-modes.md#error-as-the-answer-to-a-poll). */
function oddBody(body: FaultOf<'odd_body'>['body'], speech: Speech): Reply {
  const json = { 'content-type': 'application/json; charset=utf-8' }
  if (body === 'error') return { ...speech.say(serverError(500)), status: 200 }
  if (body === 'empty') return { status: 200, headers: json, body: '' }
  if (body === 'text') return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'OK' }
  if (body === 'cut') return { status: 200, headers: json, body: '{"status":"in_prog' }
  return jsonReply(200, [])
}

/**
 * The known ways in which a model or endpoint disappears (docs/vendors/failure-modes.md#model-unavailable,
 * docs/vendors/failure-modes.md#no-channel).
 */
function modelGone({ variant }: FaultOf<'model_gone'>, { speech, method, url }: AnswerContext): FaultAnswer {
  switch (variant) {
    case 'paused':
      return reply({ ...speech.say(paused), status: paused.status })
    case 'paused_in_200':
      return reply({ ...speech.say(paused), status: 200 })
    case 'invalid_url':
      return reply(speech.say(urlUnknown(method, url)))
    case 'deployment':
      return reply(speech.say(deploymentUnknown))
    case 'behind_relay':
      return reply(speech.say(modelUnknownBehind))
    case 'no_channel':
      return reply(speech.say(noChannel))
    case 'not_found':
      return reply(speech.say(modelUnknown))
  }
}
