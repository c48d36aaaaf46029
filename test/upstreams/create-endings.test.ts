import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import t from 'tap'
import type { CreateOutcome } from '../../src/gateway/domain/attempts/outcome.ts'
import type { CreateRequest, Upstream } from '../../src/gateway/ports/upstream.ts'
import { createUpstreamDirectory } from '../../src/gateway/upstreams/directory.ts'
import type { UpstreamSettings } from '../../src/gateway/upstreams/settings.ts'
import { settings, spec } from './fixtures.ts'
import { closedPort, fakeRemote, listen, noLogger, readUntil, startHttp, startTcp } from './loopback.ts'
import type { Loopback, Test } from './loopback.ts'

/** Every way in which a create can end, made to happen on a real socket, for both wire protocols. */
const dialects = [
  { dialect: 'openai-videos', profile: 'openai', ticket: (id: unknown) => ({ object: 'video', id }) },
  { dialect: 'sora-tasks', profile: 'generic', ticket: (id: unknown) => ({ task_id: id }) },
] as const
type Wire = (typeof dialects)[number]

const request: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'sora-2',
  prompt: 'a paper boat in the rain',
  durationSeconds: 8,
  size: '1280x720',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}
const page = '<!doctype html><html><title>Console</title></html>'
const busy = { code: 'do_response_failed', message: '当前分组上游负载已饱和，请稍后再试', data: null }
const told = { error: { message: 'The server had an error.', type: 'server_error', code: null } }
const untrusted = readFileSync(new URL('../fixtures/untrusted-host.pem', import.meta.url))

function upstreamAt(t: Test, wire: Wire, baseUrl: string, changes: Partial<UpstreamSettings> = {}): Upstream {
  const each = settings({
    spec: spec({ dialect: wire.dialect }),
    profile: wire.profile,
    baseUrl,
    breaker: { failureRate: 1, windowMs: 60_000, minCalls: 10_000, openMs: 60_000 },
    ...changes,
  })
  const deps = { remoteMedia: fakeRemote(), logger: noLogger, clock: Date }
  const directory = createUpstreamDirectory([each], deps)
  t.teardown(() => directory.close())
  return directory.all()[0]!
}

/** A file that cannot be opened. */
async function* missing(): AsyncGenerator<Uint8Array> {
  await Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT' }))
  yield Buffer.alloc(1)
}

const within = (changes: Partial<UpstreamSettings['timeouts']>): Partial<UpstreamSettings> => ({
  timeouts: { ...settings().timeouts, ...changes },
})

/** A reference whose file does not go on until `held` is settled, so that the body stays half sent. */
function slowFile(held: Promise<void>, bytes = 1_000_000): CreateRequest['reference'] {
  async function* open() {
    yield Buffer.alloc(1000)
    await held
    yield Buffer.alloc(bytes - 1000)
  }
  const media = { contentType: 'image/png', fileName: 'a.png', bytes, url: 'https://gateway.example/a', open }
  return { kind: 'image', media, influence: null }
}

// Nothing left.

interface Unsent {
  what: string
  message: RegExp
  changes?: Partial<UpstreamSettings>
  /** The base URL, and everything the upstream was sent, in the clear. */
  start(t: Test): Promise<{ baseUrl: string; received?: () => string }>
}

const overTls = ({ port }: { port: number }): string => `https://127.0.0.1:${port}/v1`

async function startTls(t: Test, options: object) {
  let received = ''
  const server = createTlsServer(options, (socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => (received += bytes.toString('latin1')))
  })
  server.on('tlsClientError', () => undefined)
  return { baseUrl: overTls(await listen(t, server)), received: () => received }
}

async function startSilent(t: Test, onConnection: (socket: Socket) => void) {
  let received = ''
  const server = await startTcp(t, (socket) => {
    socket.on('data', (bytes) => (received += bytes.toString('latin1')))
    onConnection(socket)
  })
  return { baseUrl: overTls(server), received: () => received }
}

const unsent: Unsent[] = [
  {
    what: 'a name that does not resolve',
    message: /could not be resolved|no connection/,
    start: async () => ({ baseUrl: 'http://upstream.invalid/v1' }),
  },
  {
    what: 'a refused connection',
    message: /refused/,
    start: async () => ({ baseUrl: `http://127.0.0.1:${await closedPort()}/v1` }),
  },
  {
    what: 'a TLS handshake that is answered in plain text',
    message: /TLS/,
    start: (t) =>
      startSilent(t, (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 No\r\n\r\n'))),
  },
  {
    what: 'a TLS handshake that is refused',
    message: /TLS/,
    start: (t) => startTls(t, {}),
  },
  {
    what: 'a certificate that nobody vouches for',
    message: /TLS/,
    start: (t) => startTls(t, { cert: untrusted, key: untrusted }),
  },
  {
    what: 'a connection that is reset in the TLS handshake',
    message: /no connection could be made/,
    start: (t) => startSilent(t, (socket) => socket.once('data', () => socket.resetAndDestroy())),
  },
  {
    what: 'a connection that is not ready in its time',
    message: /no connection in time/,
    changes: within({ connectMs: 60 }),
    start: (t) => startSilent(t, () => undefined),
  },
  {
    what: 'a connection that is not ready in the time of the create',
    message: /no connection within 60 ms/,
    changes: within({ createMs: 60 }),
    start: (t) => startSilent(t, () => undefined),
  },
]

for (const wire of dialects) {
  for (const row of unsent) {
    const { what, message, changes } = row
    t.test(`${wire.dialect}: never_sent: ${what}`, async (t) => {
      const { baseUrl, received = () => '' } = await row.start(t)
      const outcome = await upstreamAt(t, wire, baseUrl, changes).create(request)
      t.match(outcome, { type: 'never_sent', message, retryAfterMs: null })
      t.notMatch(received(), /POST|boat|test-key/, 'not a byte of the request arrived')
    })
  }
}

t.test('never_sent: a reference whose file cannot be opened', async (t) => {
  const server = await startHttp(t, () => undefined)
  const media = {
    contentType: 'image/png',
    fileName: 'a.png',
    bytes: 1,
    url: 'https://gateway.example/a',
    open: missing,
  }
  const upstream = upstreamAt(t, dialects[0], server.baseUrl)
  const outcome = await upstream.create({ ...request, reference: { kind: 'image', media, influence: null } })
  t.match(outcome, { type: 'never_sent', message: /could not be read/ })
  t.equal(server.connections(), 0)
})

// Something left, and not all of it.

t.test('unknown: a reset when the head has arrived and the body has not', async (t) => {
  const held = Promise.withResolvers<void>()
  t.teardown(() => held.resolve())
  const server = await startTcp(t, (socket) => readUntil(socket, '\r\n\r\n', () => socket.resetAndDestroy()))
  const upstream = upstreamAt(t, dialects[0], server.baseUrl)
  const outcome = await upstream.create({ ...request, reference: slowFile(held.promise) })
  t.match(outcome, { type: 'unknown', message: /connection was lost/ })
  t.equal(server.connections(), 1, 'and it is not tried again')
})

t.test('unknown: a reset in the middle of the body', async (t) => {
  const server = await startTcp(t, (socket) => readUntil(socket, 'image/png', () => socket.resetAndDestroy()))
  const upstream = upstreamAt(t, dialects[0], server.baseUrl)
  const outcome = await upstream.create({ ...request, reference: slowFile(Promise.resolve(), 20_000_000) })
  t.match(outcome, { type: 'unknown' })
  t.equal(server.connections(), 1)
})

t.test('unknown: the time is up in the middle of the body', async (t) => {
  const held = Promise.withResolvers<void>()
  t.teardown(() => held.resolve())
  const server = await startTcp(t, (socket) => socket.resume())
  const upstream = upstreamAt(t, dialects[0], server.baseUrl, within({ createMs: 80 }))
  const outcome = await upstream.create({ ...request, reference: slowFile(held.promise) })
  t.match(outcome, { type: 'unknown', message: 'no answer within 80 ms' })
  t.equal(server.connections(), 1)
})

t.test('unknown: a file that fails in the middle of the body', async (t) => {
  const held = Promise.withResolvers<void>()
  const server = await startTcp(t, (socket) =>
    readUntil(socket, 'image/png', () => held.reject(new Error('disk on fire'))),
  )
  const upstream = upstreamAt(t, dialects[0], server.baseUrl)
  const outcome = await upstream.create({ ...request, reference: slowFile(held.promise) })
  t.match(outcome, { type: 'unknown' })
  t.equal(server.connections(), 1)
})

for (const wire of dialects) {
  t.test(
    `${wire.dialect}: a reset at once is unknown, unless not even the connection was made`,
    async (t) => {
      const server = await startTcp(t, (socket) => socket.resetAndDestroy())
      const outcome = await upstreamAt(t, wire, server.baseUrl).create(request)
      t.match(outcome.type, /^(unknown|never_sent)$/)
      t.equal(server.connections(), 1)
    },
  )
}

// All of it left: `answer` gets the connection when the whole request was read.

interface Ending {
  what: string
  type: CreateOutcome['type']
  changes?: Partial<UpstreamSettings>
  with?: object
  answer(response: ServerResponse, socket: Socket, wire: Wire): void
}

/** These bytes, and then what becomes of the connection. */
const raw =
  (bytes: string | Buffer, then: 'end' | 'resetAndDestroy' | 'stay'): Ending['answer'] =>
  (_response, socket) =>
    socket.write(bytes, () => (then === 'stay' ? undefined : socket[then]()))

/** A whole answer: text as it is, anything else as JSON. */
const whole =
  (status: number, body: unknown, headers: Record<string, string> = {}): Ending['answer'] =>
  (response) => {
    const type = typeof body === 'string' ? 'text/plain' : 'application/json'
    response.writeHead(status, { 'content-type': type, ...headers })
    response.end(typeof body === 'string' || body instanceof Buffer ? body : JSON.stringify(body))
  }

const ticket =
  (status: number, id: unknown, headers: Record<string, string> = {}): Ending['answer'] =>
  (response, socket, wire) =>
    whole(status, wire.ticket(id), headers)(response, socket, wire)

const failure = (message: string, code: string | null = null, param: string | null = null) => ({
  error: { message, type: 'invalid_request_error', param, code },
})

const accepted: Ending[] = [
  { what: '200', answer: ticket(200, 'job_1') },
  { what: '201', answer: ticket(201, 'job_1') },
  { what: '202', answer: ticket(202, 'job_1') },
  { what: 'an id that is a number', answer: ticket(200, 17) },
  { what: 'JSON that says it is a page', answer: ticket(200, 'job_1', { 'content-type': 'text/html' }) },
  {
    what: 'an early hint first',
    answer(response: ServerResponse, socket: Socket, wire: Wire) {
      response.writeEarlyHints({ link: '</x>' })
      ticket(200, 'job_1')(response, socket, wire)
    },
  },
].map((ending) => ({ type: 'accepted', ...ending }))

const half = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'
const lost: Ending[] = [
  { what: 'a reset', answer: (_response: ServerResponse, socket: Socket) => void socket.resetAndDestroy() },
  {
    what: 'a connection closed politely',
    answer: (_response: ServerResponse, socket: Socket) => void socket.end(),
  },
  { what: 'silence', changes: within({ createMs: 80 }), answer: () => undefined },
  { what: 'half a head, closed', answer: raw('HTTP/1.1 200 OK\r\ncontent-le', 'end') },
  { what: 'half a head, reset', answer: raw('HTTP/1.1 200 OK\r\ncontent-le', 'resetAndDestroy') },
  { what: 'an early hint and no more', answer: raw('HTTP/1.1 103 Early Hints\r\n\r\n', 'end') },
  { what: 'a head without its body, closed', answer: raw(`${half}content-length: 40\r\n\r\n`, 'end') },
  {
    what: 'a head without its body, silent',
    changes: within({ createMs: 80 }),
    answer: raw(`${half}content-length: 40\r\n\r\n`, 'stay'),
  },
  {
    what: 'a body shorter than its length, closed',
    answer: raw(`${half}content-length: 99\r\n\r\n{"id":"v`, 'end'),
  },
  {
    what: 'a whole ticket, shorter than its length',
    answer: raw(`${half}content-length: 99\r\n\r\n{"id":"v1","task_id":"v1"}`, 'end'),
  },
  {
    what: 'a body shorter than its length, reset',
    answer: raw(`${half}content-length: 99\r\n\r\n{"id":"v`, 'resetAndDestroy'),
  },
  {
    what: 'a body shorter than its length, silent',
    changes: within({ createMs: 80 }),
    answer: raw(`${half}content-length: 99\r\n\r\n{"id":"v`, 'stay'),
  },
  { what: 'a cut chunk', answer: raw(`${half}transfer-encoding: chunked\r\n\r\n40\r\n{"id":"v`, 'end') },
  {
    what: 'a 429 that breaks off',
    answer: raw('HTTP/1.1 429 Too Many\r\ncontent-length: 40\r\n\r\n{', 'end'),
  },
  { what: 'something that is not HTTP', answer: raw('SSH-2.0-OpenSSH_9.7\r\n', 'end') },
].map((ending) => ({ type: 'unknown', ...ending }))

const unreadable: Ending[] = [
  { what: '200 with half a JSON document', answer: whole(200, '{"id":"v') },
  { what: '200 that ends with its connection, too early', answer: raw(`${half}\r\n{"id":"v`, 'end') },
  {
    what: '200 with more than anybody reads',
    answer: whole(200, `{"x":[${'1,'.repeat(600_000)}1],"id":"v1"}`),
  },
  { what: '200 with text', answer: whole(200, 'OK') },
  { what: '200 with nothing', answer: whole(200, '') },
  { what: '204', answer: whole(204, '') },
  { what: '200 with null', answer: whole(200, null) },
  { what: '200 with a list', answer: whole(200, []) },
  { what: '200 without an id', answer: whole(200, { object: 'video', status: 'queued' }) },
  { what: '200 with an empty id', answer: ticket(200, '') },
  { what: '200 with null for an id', answer: ticket(200, null) },
  { what: '200 with an id that is a path', answer: ticket(200, '../x') },
  { what: '200 with an error nobody knows', answer: whole(200, { error: { message: 'something' } }) },
  { what: '302', answer: whole(302, '', { location: '/v1/videos' }) },
  { what: '303', answer: whole(303, '', { location: '/v1/videos/v1' }) },
].map((ending) => ({ type: 'unknown', ...ending }))

/** 5xx: unknown, unless the upstream's configuration and the vendor's own words make it a no. */
const rejects: Partial<UpstreamSettings> = { createServerError: 'rejected' }
const serverErrors: Ending[] = [
  ...[500, 502, 504, 520, 524].flatMap((status): Ending[] => [
    { what: `${status} in the vendor's words`, type: 'unknown', answer: whole(status, told) },
    { what: `${status} with nothing`, type: 'unknown', answer: whole(status, '') },
    {
      what: `${status} with a page`,
      type: 'unknown',
      answer: whole(status, page, { 'content-type': 'text/html' }),
    },
    {
      what: `create_5xx rejected: ${status} in the vendor's words`,
      type: status === 500 || status === 502 ? 'rejected' : 'unknown',
      changes: rejects,
      answer: whole(status, told),
    },
    {
      what: `create_5xx rejected: ${status} with nothing`,
      type: 'unknown',
      changes: rejects,
      answer: whole(status, ''),
    },
    {
      what: `create_5xx rejected: ${status} with a page`,
      type: 'unknown',
      changes: rejects,
      answer: whole(status, page, { 'content-type': 'text/html' }),
    },
  ]),
  {
    what: 'create_5xx rejected: a reset',
    type: 'unknown',
    changes: rejects,
    answer: raw('', 'resetAndDestroy'),
  },
  {
    what: 'create_5xx rejected: 200 without an id',
    type: 'unknown',
    changes: rejects,
    answer: whole(200, {}),
  },
  {
    what: 'create_5xx rejected: a 500 that breaks off',
    type: 'unknown',
    changes: rejects,
    answer: raw(`HTTP/1.1 500 No\r\ncontent-length: 99\r\n\r\n${JSON.stringify(told)}`, 'end'),
  },
]

const rejected: Ending[] = [
  { what: '429', with: { retryAfterMs: 7000 }, answer: whole(429, '', { 'retry-after': '7' }) },
  { what: 'a 429 inside a 200', answer: whole(200, { code: 429, msg: 'too many requests' }) },
  { what: 'overload inside a 200', answer: whole(200, busy) },
  { what: 'overload as text inside a 200', answer: whole(200, busy.message) },
  { what: 'a 429 wrapped in a 502', answer: whole(502, failure('upstream returned 429, try later')) },
  {
    what: 'a quoted 429 wrapped in a 502',
    answer: whole(502, failure(`Provider returned 429: ${JSON.stringify(busy)}`)),
  },
  { what: 'overload wrapped in a 500', answer: whole(500, busy) },
  ...[409, 425, 501, 503, 521, 522, 523, 525, 526].map((status) => ({
    what: String(status),
    answer: whole(status, ''),
  })),
].map((ending) => ({ type: 'rejected', ...ending }))

const down: Ending[] = [
  { what: '200 with a page', answer: whole(200, page, { 'content-type': 'text/html' }) },
  { what: '200 with a page that does not say so', answer: whole(200, page) },
  { what: '200: paused', answer: whole(200, { code: 500, msg: 'This interface is temporarily paused' }) },
  { what: 'a used-up quota in a 429', answer: whole(429, failure('You exceeded it', 'insufficient_quota')) },
  {
    what: 'a model that is gone',
    answer: whole(404, failure('The model does not exist', 'model_not_found')),
  },
  { what: 'an endpoint that is gone', answer: whole(404, failure('Invalid URL (POST /v1/videos)')) },
  ...[301, 307, 308].map((status) => ({
    what: String(status),
    answer: whole(status, '', { location: '/v1/x' }),
  })),
  ...[401, 402, 403, 404, 405, 410].map((status) => ({ what: String(status), answer: whole(status, '') })),
].map((ending) => ({ type: 'upstream_down', ...ending }))

const verdicts: Ending[] = [
  {
    what: '400 over the prompt',
    type: 'invalid',
    with: { elsewhere: false },
    answer: whole(400, failure('no')),
  },
  {
    what: '400 over the length',
    type: 'invalid',
    with: { elsewhere: true },
    answer: whole(400, failure('no', 'invalid_value', 'seconds')),
  },
  { what: '422', type: 'invalid', answer: whole(422, { detail: [{ loc: ['body', 'prompt'], msg: 'no' }] }) },
  { what: '400', type: 'character_invalid', answer: whole(400, failure('no', 'cameo_permission_denied')) },
  { what: '404', type: 'character_invalid', answer: whole(404, failure('no', 'character_not_found')) },
  { what: '400', type: 'refused', answer: whole(400, failure('no', 'moderation_blocked')) },
  { what: '403', type: 'refused', answer: whole(403, failure('no', 'content_policy_violation')) },
  { what: '451', type: 'refused', answer: whole(451, '') },
  {
    what: 'inside a 200',
    type: 'refused',
    answer: whole(200, { code: 'content_policy_violation', message: 'no' }),
  },
  {
    what: 'wrapped in a 502',
    type: 'refused',
    answer: whole(502, failure('failed: 400 - {"error":{"code":"moderation_blocked","message":"x"}}')),
  },
]

for (const wire of dialects) {
  for (const ending of [
    ...accepted,
    ...lost,
    ...unreadable,
    ...serverErrors,
    ...rejected,
    ...down,
    ...verdicts,
  ]) {
    t.test(`${wire.dialect}: ${ending.type}: ${ending.what}`, async (t) => {
      const server: Loopback & { seen: unknown[] } = await startHttp(t, (_request, response, socket) =>
        ending.answer(response, socket, wire),
      )
      const upstream = upstreamAt(t, wire, server.baseUrl, ending.changes)
      t.match(await upstream.create(request), { type: ending.type, ...ending.with })
      t.equal(server.seen.length, 1, 'it was sent once')
      t.equal(server.connections(), 1, 'and not a second time')
    })
  }
}
