import t from 'tap'
import { createOpenaiVideos } from '../../src/gateway/upstreams/openai-videos/openai-videos.ts'
import type { UpstreamSettings } from '../../src/gateway/upstreams/settings.ts'
import type { CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { answer, settings } from './fixtures.ts'

const request: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'sora-2',
  prompt: 'paper boat in rain',
  durationSeconds: 4,
  size: '1280x720',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}

const dialect = (changes: Partial<UpstreamSettings> = {}) =>
  createOpenaiVideos(settings({ profile: 'litellm', ...changes }), 'litellm')

/** As LiteLLM 1.108.7 words it. */
const error = (message: string, type = 'internal_server_error', code = '500') => ({
  error: { message, type, param: null, code },
})
const alone = "LiteLLM: model group 'sora-2' failed with the error above. No fallback was attempted."
const vendor500 =
  '{"error":{"message":"The server had an error while processing your request.","type":"server_error","param":null,"code":null}}'
const internal = (what: string) =>
  `litellm.InternalServerError: InternalServerError: OpenAIException - ${what}`
const noHost =
  "Cannot connect to host REDACTED:9 ssl:<ssl.SSLContext object at 0x7f96ffe2d130> [Connect call failed ('REDACTED', 9)]"
const heavyLoad =
  '{"error":{"message":"We are currently under heavy load. Please try again later.","type":"server_error","param":null,"code":"processing_error"}}'

const recorded: [name: string, status: number, body: object, verdict: string][] = [
  ['a 500 of the vendor, who has the job', 500, error(`${internal(vendor500)}\n\n${alone}`), 'unknown'],
  ['a reset', 500, error(`${internal('[Errno 104] Connection reset by peer')}\n\n${alone}`), 'unknown'],
  [
    'an answer without an id',
    500,
    error(
      `litellm.APIConnectionError: APIConnectionError: OpenAIException - 1 validation error for VideoObject\nid\n  Field required [type=missing, input_value={'object': 'video', 'status': 'queued'}, input_type=dict]\n    For further information visit https://errors.pydantic.dev/2.14/v/missing\n\n${alone}`,
    ),
    'unknown',
  ],
  [
    'a page in place of JSON',
    500,
    error(
      `litellm.APIConnectionError: APIConnectionError: OpenAIException - Expecting value: line 1 column 1 (char 0)\n\n${alone}`,
    ),
    'unknown',
  ],
  [
    'a vendor slower than the timeout of the proxy',
    408,
    error(
      `litellm.Timeout: Timeout Error: OpenAIException - litellm.Timeout: Connection timed out. Timeout passed=2.0, time taken=2.001 seconds\n\n${alone}`,
      'invalid_request_error',
      '408',
    ),
    'unknown',
  ],
  [
    'a connection that ended while the request was written',
    500,
    error(
      `${internal('[Errno None] Can not write request body for http://REDACTED:8790/v1/videos')}\n\n${alone}`,
    ),
    'unknown',
  ],
  ['a closed port', 500, error(`${internal(noHost)}\n\n${alone}`), 'never_sent'],
  [
    'a name that does not exist',
    500,
    error(
      `${internal('Cannot connect to host no-such-host.invalid:80 ssl:<ssl.SSLContext object at 0x7f96ffe2d130> [Name or service not known]')}\n\n${alone}`,
    ),
    'never_sent',
  ],
  [
    'a refusal',
    400,
    error(
      `litellm.BadRequestError: OpenAIException - {"error":{"message":"Your request was blocked by our moderation system.","type":"invalid_request_error","param":null,"code":"moderation_blocked"}}\n\n${alone}`,
      'invalid_request_error',
      '400',
    ),
    'refused',
  ],
  [
    'overload',
    429,
    error(
      `litellm.RateLimitError: RateLimitError: OpenAIException - ${heavyLoad}\n\n${alone}`,
      'throttling_error',
      '429',
    ),
    'rejected',
  ],
  [
    'a model that the proxy does not know',
    400,
    error(
      '/videos: Invalid model name passed in model=nope. Call `/v1/models` to view available models for your key.',
      'invalid_request_error',
      '400',
    ),
    'upstream_down',
  ],
  [
    'a wrong key, to a proxy without a database',
    400,
    error('No connected db.', 'no_db_connection', '400'),
    'upstream_down',
  ],
  [
    'a fallback of the proxy that could not connect, after a vendor who has the job',
    500,
    error(
      `${internal(vendor500)}\n\nLiteLLM: model group 'falls' failed with the error above. Fallback to dead also failed: ${internal(noHost)}`,
    ),
    'unknown',
  ],
  [
    'a fallback of the proxy that is overloaded, after a vendor who has the job',
    500,
    error(
      `${internal(vendor500)}\n\nLiteLLM: model group 'falls' failed with the error above. Fallback to b also failed: litellm.RateLimitError: RateLimitError: OpenAIException - ${heavyLoad}`,
    ),
    'unknown',
  ],
  [
    'a fallback of the proxy that has the job, after a vendor who could not be reached',
    500,
    error(
      `${internal(noHost)}\n\nLiteLLM: model group 'dead' failed with the error above. Fallback to sora-2 also failed: ${internal(vendor500)}`,
    ),
    'unknown',
  ],
  [
    'the words of a connection that was not made, quoted from behind the vendor',
    500,
    error(`${internal('{"error":{"message":"worker 3: connection refused"}}')}\n\n${alone}`),
    'unknown',
  ],
]

for (const [name, status, body, verdict] of recorded) {
  t.test(`a create through a LiteLLM proxy: ${name} is ${verdict}`, async (t) => {
    const said = answer({ status, body })
    t.match(dialect().create.decode(said, request), { type: verdict })
  })
}

t.test('several tries of a relay are no definite no, also where a 5xx is one otherwise', async (t) => {
  const rejecting = dialect({ createServerError: 'rejected' })
  const one = answer({ status: 500, body: error(`${internal(vendor500)}\n\n${alone}`) })
  t.match(rejecting.create.decode(one, request), { type: 'rejected' })
  for (const told of [
    `LiteLLM: model group 'a' failed with the error above. Fallback to b also failed: ${internal(vendor500)}`,
    'Error doing the fallback: litellm.Timeout',
    'LiteLLM Retried: 2 times, LiteLLM Max Retries: 2',
    'Request failed after 3 attempts',
    'all channels failed, last: status 429',
  ]) {
    const several = answer({ status: 500, body: error(`${internal(vendor500)} ${told}`) })
    t.match(rejecting.create.decode(several, request), { type: 'unknown' }, told)
    const limited = answer({ status: 429, body: error(`Rate limit reached. ${told}`, 'x', '429') })
    t.match(dialect().create.decode(limited, request), { type: 'unknown' }, told)
  }
})

t.test('what only mentions tries and fallbacks stays what it is', async (t) => {
  for (const told of [
    alone,
    'No fallback model group was found for it, so the request was not retried on another model.',
    'Please retry after 30 seconds.',
    'At most 3 attempts per minute are allowed.',
  ]) {
    const limited = answer({ status: 429, body: error(`Rate limit reached. ${told}`, 'x', '429') })
    t.match(dialect().create.decode(limited, request), { type: 'rejected' }, told)
  }
})

t.test('a refusal and a wrong request stay final after several tries', async (t) => {
  const told =
    "Fallback to b also failed: litellm.BadRequestError: OpenAIException - Invalid value for 'prompt'."
  const wrong = answer({ status: 400, body: error(`Invalid value for 'prompt'. ${told}`, 'x', '400') })
  t.match(dialect().create.decode(wrong, request), { type: 'invalid' })
  const refused = answer({
    status: 400,
    body: error(`Blocked by our moderation system. ${told}`, 'x', '400'),
  })
  t.match(dialect().create.decode(refused, request), { type: 'refused' })
})

t.test('a success that was not the first try is told', async (t) => {
  const body = { id: 'video_1', object: 'video', status: 'queued', model: 'sora-2' }
  const read = (headers: Record<string, string>) =>
    dialect().create.decode(answer({ status: 200, headers, body }), request)
  t.match(read({ 'x-litellm-attempted-retries': '2' }), { type: 'accepted', job: { repeated: 2 } })
  t.match(read({ 'x-litellm-attempted-retries': '1', 'x-litellm-attempted-fallbacks': '1' }), {
    job: { repeated: 2 },
  })
  for (const told of ['0', '', 'None', '-1'])
    t.notHas(read({ 'x-litellm-attempted-retries': told }), { job: { repeated: Number } }, told)
})
