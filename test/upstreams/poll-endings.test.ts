import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import t from 'tap'
import { createUpstreamDirectory } from '../../src/gateway/upstreams/upstream-directory.ts'
import { settings, spec } from './fixtures.ts'
import { closedPort, fakeRemote, json, noLogger, startHttp } from './loopback.ts'
import type { Test } from './loopback.ts'

/** Every way in which a poll can end, on a real socket, for both wire protocols. */
const dialects = [
  { dialect: 'openai-videos', profile: 'openai' },
  { dialect: 'sora-tasks', profile: 'generic' },
] as const
type Wire = (typeof dialects)[number]

const page = '<!doctype html><html><title>Console</title></html>'
const failure = (message: string, code: string | null = null) => ({ error: { message, code, param: null } })

function upstreamAt(t: Test, wire: Wire, baseUrl: string, pollMs = 2000) {
  const each = settings({
    spec: spec({ dialect: wire.dialect }),
    profile: wire.profile,
    baseUrl,
    timeouts: { ...settings().timeouts, pollMs },
  })
  const deps = { remoteMedia: fakeRemote(), logger: noLogger, clock: Date }
  const directory = createUpstreamDirectory([each], deps)
  t.teardown(() => directory.close())
  return directory.all()[0]!
}

type Reply = (response: ServerResponse, socket: Socket) => void
interface Ending {
  what: string
  report: object
  answer: Reply
}

const whole =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reply =>
  (response) => {
    if (typeof body !== 'string') return json(response, status, body, headers)
    response.writeHead(status, { 'content-type': 'text/plain', ...headers })
    return response.end(body)
  }
const raw =
  (bytes: string, then: 'end' | 'resetAndDestroy'): Reply =>
  (_response, socket) =>
    socket.write(bytes, () => socket[then]())
const html = { 'content-type': 'text/html' }
const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'

/** The state of the job is unknown, so it is assumed to be running. */
const unreachable: Ending[] = [
  { what: 'a reset', answer: (_: ServerResponse, socket: Socket) => void socket.resetAndDestroy() },
  { what: 'a connection closed politely', answer: (_: ServerResponse, socket: Socket) => void socket.end() },
  { what: 'half a body', answer: raw(`${head}content-length: 99\r\n\r\n{"status":"failed"`, 'end') },
  {
    what: 'a whole job, shorter than its length',
    answer: raw(`${head}content-length: 99\r\n\r\n{"status":"failed"}`, 'end'),
  },
  {
    what: 'half a chunk',
    answer: raw(`${head}transfer-encoding: chunked\r\n\r\n40\r\n{"id"`, 'resetAndDestroy'),
  },
  { what: 'something that is not HTTP', answer: raw('SSH-2.0-x\r\n', 'end') },
  { what: 'overload inside a 200', answer: whole(200, { code: 'rate_limited', message: 'slow down' }) },
  { what: 'a revoked key', answer: whole(401, failure('no', 'invalid_api_key')) },
  { what: 'an empty account', answer: whole(402, failure('no', 'insufficient_credits')) },
  { what: 'a bare 403', answer: whole(403, '') },
  { what: 'a bare 404', answer: whole(404, '') },
  { what: 'a bare 410', answer: whole(410, '') },
  { what: 'a page with 404', answer: whole(404, page, html) },
  { what: 'an endpoint that is gone', answer: whole(404, failure('Invalid URL (GET /v1/videos/x)')) },
  { what: '500', answer: whole(500, failure('The server had an error')) },
  { what: '500 that quotes a 404', answer: whole(500, failure('upstream returned 404: task not found')) },
  { what: 'a page with 502', answer: whole(502, page, html) },
  { what: '302', answer: whole(302, '', { location: '/login' }) },
].map((ending) => ({ report: { type: 'unreachable' }, ...ending }))

const unreadable: Ending[] = [
  { what: 'a page with 200', answer: whole(200, page, html) },
  { what: 'half a JSON document', answer: whole(200, '{"status":"fai') },
  { what: 'nothing', answer: whole(200, '') },
  { what: 'a list', answer: whole(200, []) },
  { what: 'a job without a status', answer: whole(200, { id: 'job_1', progress: 10 }) },
  { what: 'a job whose status is no word', answer: whole(200, { id: 'job_1', status: { state: 'failed' } }) },
].map((ending) => ({ report: { type: 'unreadable' }, ...ending }))

const progress: Ending[] = [
  [45, 45],
  [45.9, 45],
  ['45%', 45],
  ['45.9 %', 45],
  ['45', 45],
  [0.45, 45],
  [100, 100],
  [250, 100],
  ['250%', 100],
  [1e300, 100],
  [-3, 0],
  ['soon', null],
  [{ percent: 45 }, null],
  [undefined, null],
].map(([sent, shown]) => ({
  what: `progress ${JSON.stringify(sent)}`,
  report: { type: 'running', progress: shown },
  answer: whole(200, { id: 'job_1', status: 'processing', progress: sent }),
}))

const others: Ending[] = [
  {
    what: 'a rate limit',
    report: { type: 'unreachable', retryAfterMs: 7000 },
    answer: whole(429, '', { 'retry-after': '7' }),
  },
  {
    what: 'a status nobody knows',
    report: { type: 'running', status: 'archiving' },
    answer: whole(200, { id: 'job_1', status: 'archiving' }),
  },
  {
    what: 'a job the vendor does not know',
    report: { type: 'not_found' },
    answer: whole(404, failure("Video with id 'job_1' not found.")),
  },
  {
    what: 'a task the vendor does not know, in a 400',
    report: { type: 'not_found' },
    answer: whole(400, { code: 'task_not_exist', message: 'task_not_exist' }),
  },
]

for (const wire of dialects) {
  for (const { what, report, answer } of [...unreachable, ...unreadable, ...progress, ...others]) {
    t.test(`${wire.dialect}: ${what} is ${JSON.stringify(report)}`, async (t) => {
      const server = await startHttp(t, (_request, response, socket) => answer(response, socket))
      t.match(await upstreamAt(t, wire, server.baseUrl).poll({ id: 'job_1' }), report)
      t.equal(server.seen.length, 1)
    })
  }

  t.test(`${wire.dialect}: silence and a refused connection say nothing about the job`, async (t) => {
    const server = await startHttp(t, () => undefined)
    t.match(await upstreamAt(t, wire, server.baseUrl, 80).poll({ id: 'job_1' }), { type: 'unreachable' })
    const nowhere = upstreamAt(t, wire, `http://127.0.0.1:${await closedPort()}/v1`)
    t.match(await nowhere.poll({ id: 'job_1' }), { type: 'unreachable' })
  })
}
