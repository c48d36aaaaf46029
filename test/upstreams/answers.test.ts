import t from 'tap'
import { readProgress } from '../../src/gateway/upstreams/answers/progress.ts'
import { pollAfter, retryAfter } from '../../src/gateway/upstreams/transport/retry-after.ts'
import { readVendorError } from '../../src/gateway/upstreams/answers/verdicts/vendor-error.ts'
import { createPublicMessage } from '../../src/gateway/upstreams/public-message.ts'
import { createRedaction } from '../../src/gateway/upstreams/calls/redaction.ts'
import { answer, receivedAt } from './fixtures.ts'

t.test('a wait is read from every form vendors send, and never negative or endless', async (t) => {
  const rows: [headers: Record<string, string>, expected: number | null][] = [
    [{}, null],
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': new Date(receivedAt + 9000).toUTCString() }, 9000],
    [{ 'retry-after': new Date(receivedAt - 9000).toUTCString() }, 0],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': '-5' }, null],
    [{ 'retry-after': '99999999' }, 86_400_000],
    [{ 'retry-after-ms': '1500' }, 1500],
    [{ 'x-ratelimit-reset-requests': '6m1s' }, null],
    [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m1s' }, 361_000],
    [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '20ms' }, 20],
    [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '2' }, 2000],
    [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': 'later' }, null],
  ]
  for (const [headers, expected] of rows)
    t.equal(retryAfter(headers, receivedAt), expected, JSON.stringify(headers))
  t.equal(pollAfter({ 'openai-poll-after-ms': '700', 'retry-after': '9' }, receivedAt), 700)
  t.equal(pollAfter({ 'retry-after': '9' }, receivedAt), 9000)
})

t.test('a date is measured by the clock that wrote it', async (t) => {
  const ahead = receivedAt + 600_000
  const headers = { date: new Date(ahead).toUTCString(), 'retry-after': new Date(ahead + 9000).toUTCString() }
  t.equal(retryAfter(headers, receivedAt), 9000)
})

t.test('progress is an integer from 0 to 100', async (t) => {
  const rows: [value: unknown, expected: number | null][] = [
    [0, 0],
    [1, 1],
    [45.9, 45],
    [0.45, 45],
    ['45%', 45],
    ['45', 45],
    ['0.45', 45],
    ['0.5%', 0],
    [100, 100],
    [250, 100],
    [-3, 0],
    [null, null],
    [undefined, null],
    ['', null],
    ['soon', null],
    [Number.NaN, null],
    [{}, null],
  ]
  for (const [value, expected] of rows) t.equal(readProgress(value), expected, JSON.stringify(value))
})

t.test('every envelope gives its code, its sentence and its field', async (t) => {
  const rows: [body: unknown, expected: object][] = [
    [
      { error: { message: 'no', type: 'x_error', param: 'size', code: 'Invalid_Value' } },
      { codes: ['x_error', 'invalid_value'], message: 'no', param: 'size' },
    ],
    [
      { code: 'busy', message: 'later', data: null },
      { codes: ['busy'], message: 'later' },
    ],
    [
      { code: 500, msg: 'paused' },
      { codes: ['500'], message: 'paused', status: 500 },
    ],
    [{ detail: 'Video not found' }, { message: 'Video not found' }],
    [{ detail: [{ loc: ['body', 'size'], msg: 'bad' }] }, { message: 'bad', param: 'size' }],
    [{ error: 'a string' }, { message: 'a string' }],
    [{ data: { failCode: '422', failMsg: 'bad' } }, { codes: ['422'], message: 'bad', status: 422 }],
    ['just text', { message: 'just text', shape: 'text' }],
    ['', { message: '', shape: 'empty' }],
    [null, { message: '', shape: 'json' }],
    [[[[[[[{ message: 'too deep' }]]]]]], { message: '' }],
  ]
  for (const [body, expected] of rows)
    t.match(readVendorError(answer({ status: 200, body })), expected, JSON.stringify(body))
})

t.test('a message that leaves is short, one line, and has no key in it', async (t) => {
  const toPublic = createPublicMessage(createRedaction(['my/secret key']))
  t.equal(toPublic('bad key my/secret key!'), 'bad key [key]!')
  t.equal(toPublic('GET /?k=my%2Fsecret%20key'), 'GET /?k=[key]')
  t.equal(toPublic('Incorrect API key provided: sk-proj-ab12****89xy.'), 'Incorrect API key provided: [key]')
  t.equal(toPublic('sent Authorization: Bearer abc.def'), 'sent Authorization: Bearer [key]')
  t.equal(toPublic('two\n\tlines\u0000'), 'two lines')
  const long = toPublic('x'.repeat(1000))
  t.equal(long.length, 300)
  t.ok(long.endsWith('…'))
  t.ok(toPublic('😀'.repeat(400)).isWellFormed())
  t.equal(createPublicMessage(createRedaction([]))('as it is'), 'as it is')
})
