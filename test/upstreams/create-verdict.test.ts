import t from 'tap'
import type { CreateOutcome } from '../../src/gateway/domain/attempts/outcome.ts'
import { createVerdict } from '../../src/gateway/upstreams/answers/verdicts/create-verdict.ts'
import { answer, receivedAt } from './fixtures.ts'

type Row = [what: string, status: number, body: unknown, type: CreateOutcome['type']]
const error = (message: string, code: string | null = null, param: string | null = null) => ({
  error: { message, type: 'invalid_request_error', param, code },
})
const page = '<!doctype html><html><title>Console</title></html>'
const busy = { code: 'do_response_failed', message: '当前分组上游负载已饱和，请稍后再试', data: null }

function verdict(
  status: number,
  body: unknown,
  rules: { createServerError?: 'rejected'; echo?: string } = {},
) {
  return createVerdict(answer({ status, body }), {
    createServerError: rules.createServerError ?? 'unknown',
    echoes: rules.echo === undefined ? [] : [rules.echo],
    receivedAt,
  })
}

function busyFor(headers: Record<string, string>) {
  const rules = { createServerError: 'unknown', echoes: [], receivedAt } as const
  return createVerdict(answer({ status: 429, headers, body: '' }), rules)
}

function check(t: { equal(found: unknown, wanted: unknown, what: string): void; end(): void }, rows: Row[]) {
  for (const [what, status, body, type] of rows) t.equal(verdict(status, body).type, type, what)
  t.end()
}

t.test('a definite no for now is rejected', (t) =>
  check(t, [
    ...[409, 425, 429, 501, 503, 521, 522, 523, 525, 526].map((status): Row => [
      `a bare ${status}`,
      status,
      '',
      'rejected',
    ]),
    ['a rate limit', 429, error('Rate limit reached', 'rate_limit_exceeded'), 'rejected'],
    [
      'too many running tasks (Azure)',
      429,
      { error: { message: 'Too many running tasks', type: 'video_generation_user_error', code: null } },
      'rejected',
    ],
    ['a rate limit in a 400', 400, error('slow down', 'rate_limited'), 'rejected'],
    ['overload in Chinese with 429', 429, busy, 'rejected'],
    ['overload in Chinese with 200', 200, busy, 'rejected'],
    [
      'overload in Chinese with 500, under another code',
      500,
      { code: 'fail_to_fetch_task', message: '当前分组负载已饱和，请升级账户' },
      'rejected',
    ],
    ['overload as plain text with 200', 200, '当前分组上游负载已饱和，请稍后再试', 'rejected'],
    ['overload wrapped in a 502', 502, error(`Provider returned 429: ${JSON.stringify(busy)}`), 'rejected'],
    ['a 429 quoted in a 502', 502, error('upstream returned 429, try later'), 'rejected'],
    ['a business code 429 with HTTP 200', 200, { code: 429, msg: 'limit' }, 'rejected'],
    ['heavy load with 500', 500, error('We are under heavy load'), 'rejected'],
    ['a page with 503', 503, page, 'rejected'],
  ]),
)

t.test('an upstream that works for nobody is down', (t) =>
  check(t, [
    ...[401, 402, 403, 404, 405, 410, 418].map((status): Row => [
      `a bare ${status}`,
      status,
      '',
      'upstream_down',
    ]),
    ...[301, 307, 308].map((status): Row => [`moved with ${status}`, status, '', 'upstream_down']),
    ['a wrong key', 401, error('Incorrect API key provided.', 'invalid_api_key'), 'upstream_down'],
    ['an unverified organization', 403, error('Your organization must be verified'), 'upstream_down'],
    ['a used-up quota in a 429', 429, error('quota', 'insufficient_quota'), 'upstream_down'],
    [
      'a billing limit in a 400',
      400,
      error('Billing hard limit has been reached', 'billing_hard_limit_reached'),
      'upstream_down',
    ],
    ['credits in a 400', 400, { code: 'insufficient_credits', message: 'top up' }, 'upstream_down'],
    ['a business code 402 with HTTP 200', 200, { code: 402, msg: 'insufficient' }, 'upstream_down'],
    ['a retired model', 404, error('The model does not exist', 'model_not_found'), 'upstream_down'],
    ['a model in words', 400, error("The model 'sora-2' does not exist"), 'upstream_down'],
    ['a deployment', 404, error("API deployment 'sora-2' does not exist"), 'upstream_down'],
    ['a dead endpoint', 404, error('Invalid URL (POST /v1/videos)'), 'upstream_down'],
    ['paused with 500', 500, { code: 500, msg: 'This interface is temporarily paused' }, 'upstream_down'],
    ['paused with 200', 200, { code: 500, msg: 'This interface is temporarily paused' }, 'upstream_down'],
    ['no channel with 500', 500, { code: 'get_channel_failed', message: 'group X' }, 'upstream_down'],
    ['no channel with 503', 503, { code: 'get_channel_failed', message: 'group X' }, 'upstream_down'],
    [
      'a retired model wrapped by a relay',
      500,
      {
        code: 'fail_to_fetch_task',
        message: 'upstream 404: models/veo-3.1-preview is no longer available',
      },
      'upstream_down',
    ],
    ['a page with 200', 200, page, 'upstream_down'],
    ['a page with 403', 403, page, 'upstream_down'],
  ]),
)

t.test('a moderation verdict is a refusal wherever it stands', (t) =>
  check(t, [
    ...[
      'moderation_blocked content_policy_violation sentinel_block prompt_unsafe image_unsafe video_unsafe',
      'input_moderation output_moderation content_filter',
    ]
      .join(' ')
      .split(' ')
      .map((code): Row => [code, 400, error('no', code), 'refused']),
    ['a bare 451', 451, '', 'refused'],
    ['451 with a code', 451, { code: 'prompt_unsafe', msg: 'no' }, 'refused'],
    ['with 403', 403, error('no', 'content_policy_violation'), 'refused'],
    ['with 200', 200, { code: 'content_policy_violation', message: 'no' }, 'refused'],
    ['with 500', 500, error('no', 'moderation_blocked'), 'refused'],
    [
      'quoted in a 502',
      502,
      error('API request failed: 400 - {"error":{"code":"moderation_blocked","message":"x"}}'),
      'refused',
    ],
    [
      'under the code of a relay',
      500,
      { code: 'do_response_failed', message: 'upstream: content_policy_violation' },
      'refused',
    ],
    ['in words', 400, error('Your request was blocked by our moderation system.'), 'refused'],
    ['in other words', 400, error("Hmmm something didn't look right with your request"), 'refused'],
    ['in Chinese', 400, { code: 'invalid_request', message: '提示词包含敏感内容' }, 'refused'],
  ]),
)

t.test('a complaint about a character is character_invalid', (t) =>
  check(t, [
    [
      'no permission',
      400,
      error('You are not allowed to access one or more mentioned cameos.', 'cameo_permission_denied'),
      'character_invalid',
    ],
    ['not found', 400, error('x', 'cameo_not_found'), 'character_invalid'],
    ['not found with 404', 404, error('x', 'character_not_found'), 'character_invalid'],
    ['without a code', 400, error('amber does not have a cameo'), 'character_invalid'],
    ['gone, in words', 404, error("Character with id 'char_1' not found."), 'character_invalid'],
    ['letters are not characters', 400, error('The prompt has invalid characters.'), 'invalid'],
    ['nor is their number', 400, error('Prompt exceeds 32000 characters', 'invalid_value'), 'invalid'],
  ]),
)

t.test(
  'a complaint about the request is invalid, elsewhere only over the limits of this upstream',
  async (t) => {
    const rows: [what: string, status: number, body: unknown, elsewhere: boolean][] = [
      ['a length', 400, error("Invalid value: '10'", 'invalid_value', 'seconds'), true],
      ['a size', 400, error('bad size', 'invalid_value', 'size'), true],
      ['a model', 400, error('not for you', 'invalid_value', 'model'), true],
      ["a reseller's field", 400, { code: 'invalid_parameter', field: 'duration', message: 'x' }, true],
      ['a pair', 400, { code: 'invalid_model_for_duration', message: 'x' }, true],
      [
        'the size of a reference',
        400,
        error('Inpaint image must match the requested width and height'),
        true,
      ],
      ['the type of a reference', 400, error('unsupported mimetype application/octet-stream'), true],
      [
        'the type of a reference, by field',
        400,
        error('unsupported image', 'invalid_value', 'input_reference'),
        true,
      ],
      ['a body that is too large', 413, '', true],
      ['a type of body', 415, '', true],
      ['FastAPI over a length', 422, { detail: [{ loc: ['body', 'seconds'], msg: 'x' }] }, true],
      ['FastAPI over the prompt', 422, { detail: [{ loc: ['body', 'prompt'], msg: 'x' }] }, false],
      ['the prompt', 400, error('too long', 'string_above_max_length', 'prompt'), false],
      ['a reference sent as text', 400, error('expected a file', 'invalid_type', 'input_reference'), true],
      ['nothing in particular', 400, error('bad request'), false],
      ['a bare 400', 400, '', false],
      ['a length, wrapped in a 502', 502, error('x', 'invalid_value', 'seconds'), true],
    ]
    for (const [what, status, body, elsewhere] of rows)
      t.match(verdict(status, body), { type: 'invalid', elsewhere }, what)
  },
)

t.test('anything that is not definite is unknown', (t) =>
  check(t, [
    ...[408, 500, 502, 504, 520, 524, 530, 302, 303, 499].map((status): Row => [
      `a bare ${status}`,
      status,
      '',
      'unknown',
    ]),
    ['an error that says nothing', 500, error('The server had an error'), 'unknown'],
    ['a page with 502', 502, page, 'unknown'],
    ['a 500 quoted in a 502', 502, error('upstream returned 500'), 'unknown'],
    ['a 200 without an id', 200, { object: 'video' }, 'unknown'],
    ['a 200 with an error nobody knows', 200, error('something'), 'unknown'],
    ['a 200 that is empty', 200, '', 'unknown'],
    ['a 204', 204, '', 'unknown'],
  ]),
)

t.test('create_5xx: rejected takes a vendor error body as a no, and nothing less', async (t) => {
  const rejected = { createServerError: 'rejected' } as const
  t.equal(verdict(500, error('The server had an error'), rejected).type, 'rejected')
  for (const status of [408, 499, 504, 520, 524, 530])
    t.equal(
      verdict(status, error('busy', 'overloaded'), rejected).type,
      status === 530 ? 'rejected' : 'unknown',
    )
  t.equal(verdict(502, error('upstream returned 504'), rejected).type, 'unknown')
  t.equal(verdict(500, error('litellm.Timeout: timed out'), rejected).type, 'unknown')
  t.equal(verdict(200, { code: 500, msg: 'failed' }, rejected).type, 'rejected')
  for (const body of ['', page, 'upstream timeout', {}])
    t.equal(verdict(502, body, rejected).type, 'unknown', `a 502 with ${JSON.stringify(body)}`)
  t.equal(verdict(200, { object: 'video' }, rejected).type, 'unknown', 'a 200 without an id')
})

t.test(
  'what the caller wrote cannot pass for a verdict, and does not come back in the message',
  async (t) => {
    const prompt = 'a sign says rate_limit_exceeded and moderation_blocked'
    const echo = { echo: prompt }
    const outcome = verdict(500, error(`could not render "${prompt}"`), echo)
    t.equal(outcome.type, 'unknown')
    t.equal(outcome.message, 'HTTP 500: could not render "…"')
  },
)

t.test('why an input was refused stays in the message', async (t) => {
  const reasons = ['people-in-user-uploads', 'violence']
  const rows: [status: number, body: object][] = [
    [400, error(`Blocked when checking inputs; reasons: ${reasons.join(', ')}`, 'moderation_blocked')],
    [400, { error: { code: 'moderation_blocked', message: 'Blocked when checking inputs.', reasons } }],
  ]
  for (const [status, body] of rows)
    t.match(verdict(status, body), { type: 'refused', message: /people-in-user-uploads.*violence/ })
})

t.test('a wait that the upstream asks for comes along', async (t) => {
  t.match(busyFor({ 'retry-after': '12' }), { type: 'rejected', retryAfterMs: 12_000 })
  t.match(busyFor({ 'retry-after-ms': '250', 'retry-after': '12' }), { retryAfterMs: 250 })
})

t.test('a message says what came, also when the vendor says nothing', async (t) => {
  t.equal(verdict(502, page).message, 'HTTP 502 with an HTML page')
  t.equal(verdict(500, '').message, 'HTTP 500 with an empty body')
  t.equal(verdict(429, { code: 'rate_limited' }).message, 'HTTP 429 (rate_limited)')
  t.equal(verdict(200, {}).message, 'HTTP 200 with unrecognized JSON')
})
