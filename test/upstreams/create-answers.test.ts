import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import t from 'tap'
import type { UpstreamSettings } from '../../src/gateway/upstreams/settings.ts'
import { startHttp } from './loopback.ts'
import type { Loopback } from './loopback.ts'
import { dialects, request, upstreamAt, within, whole, ticket } from './create-wires.ts'
import type { Wire, Ending } from './create-wires.ts'

const page = '<!doctype html><html><title>Console</title></html>'

const busy = { code: 'do_response_failed', message: '当前分组上游负载已饱和，请稍后再试', data: null }

const told = { error: { message: 'The server had an error.', type: 'server_error', code: null } }

/** These bytes, and then what becomes of the connection. */
const raw =
  (bytes: string | Buffer, then: 'end' | 'resetAndDestroy' | 'stay'): Ending['answer'] =>
  (_response, socket) =>
    socket.write(bytes, () => (then === 'stay' ? undefined : socket[then]()))

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
