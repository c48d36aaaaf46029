import type { ServerResponse } from 'node:http'
import t from 'tap'
import type { RemoteFetch, RemoteMedia } from '../../src/gateway/ports/media/remote-media.ts'
import type { VideoFetch } from '../../src/gateway/ports/upstream.ts'
import { createUpstreamDirectory } from '../../src/gateway/upstreams/upstream-directory.ts'
import type { UpstreamTimeouts } from '../../src/gateway/upstreams/settings.ts'
import { settings } from './fixtures.ts'
import { fakeRemote, json, noLogger, readAll, startHttp } from './loopback.ts'
import type { SeenRequest, Test } from './loopback.ts'

const now = 1_790_000_000_000
const mp4 = Buffer.concat([Buffer.from('\0\0\0\x18ftypmp42'), Buffer.alloc(200_000, 7)])

async function setUp(
  t: Test,
  respond: (request: SeenRequest, response: ServerResponse) => void,
  timeouts: Partial<UpstreamTimeouts> = {},
  remoteMedia?: RemoteMedia,
) {
  const remote = fakeRemote(mp4)
  const server = await startHttp(t, respond)
  const each = settings({
    baseUrl: server.baseUrl,
    timeouts: { ...settings().timeouts, ...timeouts },
  })
  const directory = createUpstreamDirectory([each], {
    remoteMedia: remoteMedia ?? remote,
    logger: noLogger,
    clock: { now: () => now },
  })
  t.teardown(() => directory.close())
  const fetchVideo = (url: string | null = null, expiresAt: number | null = null) =>
    directory.all()[0]!.fetchVideo({ id: 'video_1' }, { url, expiresAt })
  return { server, remote, fetchVideo }
}

function sendVideo(response: ServerResponse, headers: Record<string, string> = {}) {
  response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': String(mp4.length), ...headers })
  response.end(mp4)
}

function redirect(response: ServerResponse, location: string) {
  response.writeHead(302, { location })
  response.end('moved')
}

function startVideo(response: ServerResponse) {
  response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': String(mp4.length) })
  response.write(mp4.subarray(0, 1000))
}

async function bytesOf(fetched: VideoFetch): Promise<Buffer | null> {
  return fetched.type === 'body' ? await readAll(fetched.body) : null
}

t.test('the content endpoint is asked with the key, and the bytes arrive whole', async (t) => {
  const { server, fetchVideo } = await setUp(t, (_request, response) => sendVideo(response))
  const fetched = await fetchVideo()
  t.match(fetched, { type: 'body', bytes: mp4.length, contentType: 'video/mp4' })
  t.same(await bytesOf(fetched), mp4)
  t.match(server.seen, [
    { url: '/v1/videos/video_1/content', headers: { authorization: 'Bearer test-key-1' } },
  ])
})

t.test('the key goes to the same scheme, host and port, and to no other', async (t) => {
  const { server, remote, fetchVideo } = await setUp(t, (_request, response) => sendVideo(response))
  const { port } = server
  t.same(await bytesOf(await fetchVideo(`http://127.0.0.1:${port}/files/v.mp4?sig=1`)), mp4)
  t.match(server.seen, [{ url: '/files/v.mp4?sig=1', headers: { authorization: 'Bearer test-key-1' } }])
  const others = [
    `http://127.0.0.1:${port + 1}/v.mp4`,
    `https://127.0.0.1:${port}/v.mp4`,
    `http://localhost:${port}/v.mp4`,
    `http://127.0.0.1:${port}@evil.example/v.mp4`,
    'https://cdn.example/v.mp4',
  ]
  for (const url of others) t.same(await bytesOf(await fetchVideo(url)), mp4, url)
  t.same(remote.asked, others)
  t.equal(server.seen.length, 1, 'none of them reached the origin')
})

t.test('a redirect is followed: with the key at home, through the guard elsewhere', async (t) => {
  await t.test('at home', async (t) => {
    const { server, fetchVideo } = await setUp(t, ({ url }, response) =>
      url.endsWith('/content') ? redirect(response, '/files/v.mp4') : sendVideo(response),
    )
    t.same(await bytesOf(await fetchVideo()), mp4)
    t.match(server.seen[1], { url: '/files/v.mp4', headers: { authorization: 'Bearer test-key-1' } })
  })
  await t.test('elsewhere', async (t) => {
    const { remote, fetchVideo } = await setUp(t, (_request, response) =>
      redirect(response, 'https://cdn.example/v.mp4'),
    )
    t.same(await bytesOf(await fetchVideo()), mp4)
    t.same(remote.asked, ['https://cdn.example/v.mp4'])
  })
  await t.test('in circles, but not for ever', async (t) => {
    const { server, fetchVideo } = await setUp(t, ({ url }, response) => redirect(response, url))
    t.match(await fetchVideo(), { type: 'unavailable', message: 'The video URL redirects too many times.' })
    t.equal(server.seen.length, 6)
  })
})

t.test('a 200 that is no video is not_media', async (t) => {
  const rows: [what: string, type: string, body: string][] = [
    ['an error as JSON', 'application/json', '{"error":{"message":"no"}}'],
    ['a page', 'text/html; charset=utf-8', '<!doctype html>'],
    ['an error that claims to be a video', 'video/mp4', ' {"error":{"message":"no"}}'],
    ['a page that claims to be bytes', 'application/octet-stream', '\n<html>'],
    ['nothing', 'video/mp4', ''],
  ]
  for (const [what, type, body] of rows) {
    const { fetchVideo } = await setUp(t, (_request, response) => {
      response.writeHead(200, { 'content-type': type })
      response.end(body)
    })
    t.match(await fetchVideo(), { type: 'not_media' }, what)
  }
})

t.test('an answer that is no success says whether there is still hope', async (t) => {
  const rows: [what: string, status: number, message: string, expiresAt: number | null, type: string][] = [
    ['not ready', 404, 'Video is not ready yet, use GET to check status.', null, 'not_ready'],
    ['not completed', 400, 'Task is not completed yet, current status: RUNNING', null, 'not_ready'],
    ['an unexplained 404', 404, 'not found', null, 'not_ready'],
    ['a 404 before its time is up', 404, 'not found', now + 1000, 'not_ready'],
    ['a 404 after its time was up', 404, 'not found', now - 1000, 'gone'],
    ['a signature that has run out', 403, 'forbidden', now - 1000, 'gone'],
    ['said to be expired', 404, 'The video has expired.', null, 'gone'],
    ['said to be deleted', 403, 'This video was deleted.', null, 'gone'],
    ['gone', 410, 'gone', null, 'gone'],
    ['a key that is not welcome', 403, 'forbidden', null, 'unavailable'],
    ['a server error', 500, 'the session expired', null, 'unavailable'],
  ]
  for (const [what, status, message, expiresAt, type] of rows) {
    const { fetchVideo } = await setUp(t, (_request, response) =>
      json(response, status, { error: { message } }),
    )
    t.match(await fetchVideo(null, expiresAt), { type, message: `HTTP ${status}: ${message}` }, what)
  }
  const busy = await setUp(t, (_request, response) => json(response, 429, {}, { 'retry-after': '3' }))
  t.match(await busy.fetchVideo(), { type: 'unavailable', retryAfterMs: 3000 })
})

t.test('no answer in time is unavailable', async (t) => {
  const silent = await setUp(t, () => undefined, { fetchHeadersMs: 60 })
  t.match(await silent.fetchVideo(), { type: 'unavailable', message: 'No response within 60 ms.' })
  const dead = await setUp(t, (_request, response) => response.socket?.destroy())
  t.match(await dead.fetchVideo(), { type: 'unavailable', message: /could not be fetched/ })
  const cut = await setUp(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': '9' })
    response.flushHeaders()
    setImmediate(() => response.socket?.destroy())
  })
  t.match(await cut.fetchVideo(), { type: 'unavailable', message: /before its first byte/ })
})

t.test('a body that breaks off or stalls ends in an error for whoever reads it', async (t) => {
  const cut = await setUp(t, (_request, response) => {
    startVideo(response)
    setImmediate(() => response.socket?.destroy())
  })
  await t.rejects(cut.fetchVideo().then(bytesOf))
  const stalled = await setUp(t, (_request, response) => startVideo(response), { fetchIdleMs: 60 })
  await t.rejects(stalled.fetchVideo().then(bytesOf), { code: 'UND_ERR_BODY_TIMEOUT' })
})

t.test('a body that nobody wants is let go of', async (t) => {
  const { promise: isClosed, resolve: closed } = Promise.withResolvers<void>()
  const { fetchVideo } = await setUp(t, (_request, response) => {
    response.on('close', closed)
    response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': '1000000000' })
    response.write(mp4)
  })
  const fetched = await fetchVideo()
  t.equal(fetched.type, 'body')
  if (fetched.type === 'body') await fetched.body[Symbol.asyncIterator]().return?.()
  await isClosed
})

t.test('what the guard says about an address elsewhere', async (t) => {
  const answers: RemoteFetch[] = [
    { type: 'forbidden', message: 'a private address' },
    { type: 'failed', message: 'HTTP 404' },
  ]
  const remote = { fetch: () => Promise.resolve(answers[0]!) }
  const noRoute = { error: { message: 'Invalid URL (GET /v1/videos/video_1/content)' } }
  const { fetchVideo } = await setUp(t, (_request, response) => json(response, 404, noRoute), {}, remote)
  t.match(await fetchVideo('http://10.0.0.1/v.mp4'), { type: 'unavailable', message: 'a private address' })
  answers.shift()
  t.match(await fetchVideo('https://cdn.example/v.mp4'), { type: 'unavailable', message: 'HTTP 404' })
  t.match(await fetchVideo('https://cdn.example/v.mp4', now - 1), { type: 'gone' })
})
