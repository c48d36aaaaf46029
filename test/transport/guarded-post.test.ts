import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { GuardedAgentOptions } from '../../src/gateway/upstreams/transport/guard/guarded-agent.ts'
import { fakeResolver } from '../fixtures/fake-resolver.ts'
import { json, startHttp } from '../upstreams/loopback.ts'
import { createRemotePost } from '../../src/gateway/upstreams/transport/guard/remote-post.ts'
import { aPeer } from './peer.ts'

const message = { headers: { 'content-type': 'application/json', 'webhook-id': 'dlv_1' }, body: '{"a":1}' }
const soon = (): AbortSignal => AbortSignal.timeout(2000)

function answering(head: string, body = 'thank you') {
  return (_path: string, socket: Socket): void => {
    socket.end(`HTTP/1.1 ${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
}

function remote(t: Test, over: Partial<GuardedAgentOptions> = {}) {
  const made = createRemotePost({
    allowPrivateHosts: ['127.0.0.1'],
    connectMs: 2000,
    headersMs: 2000,
    bodyIdleMs: 2000,
    ...over,
  })
  t.teardown(() => made.close())
  return made
}

t.test('a message arrives as it is, with its headers and nothing of a credential', async (t) => {
  const peer = await aPeer(t, answering('204 No Content', ''))
  const outcome = await remote(t).post(`${peer.url}/hook?token=1`, message, soon())
  t.same(outcome, { type: 'answered', status: 204, retryAfterMs: null })
  const [request = ''] = peer.requests
  t.match(request, /^POST \/hook\?token=1 HTTP\/1\.1\r\n/)
  t.match(request, /\r\nwebhook-id: dlv_1\r\n/)
  t.match(request, /\r\ncontent-type: application\/json\r\n/)
  t.ok(request.endsWith('\r\n\r\n{"a":1}'))
  t.notMatch(request, /authorization|cookie/i)
})

t.test('nothing is sent to a private address, however it is written or resolved', async (t) => {
  const peer = await aPeer(t, answering('200 OK'))
  const resolver = fakeResolver({
    'loopback.example': [['127.0.0.1']],
    'mixed.example': [['8.8.8.8', '127.0.0.1']],
    'mapped.example': [['::ffff:127.0.0.1']],
    'metadata.example': [['169.254.169.254']],
  })
  const guarded = remote(t, { allowPrivateHosts: [], resolver })
  const hosts = ['127.0.0.1', '2130706433', '0x7f.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0']
  for (const host of hosts) {
    const url = `http://${host}:${peer.port}/`
    t.match(await guarded.post(url, message, soon()), { type: 'forbidden' }, url)
    t.match(guarded.objection(url), /not have a public address/, url)
  }
  for (const host of ['loopback.example', 'mixed.example', 'mapped.example', 'metadata.example']) {
    const url = `http://${host}:${peer.port}/`
    t.equal(guarded.objection(url), null, 'the DNS is only asked when it is sent')
    t.match(await guarded.post(url, message, soon()), { type: 'forbidden' }, url)
  }
  for (const url of ['file:///etc/passwd', 'ftp://a.example/', 'https://u:p@a.example/', 'not a url']) {
    t.match(await guarded.post(url, message, soon()), { type: 'forbidden' }, url)
    t.type(guarded.objection(url), 'string', url)
  }
  t.equal(peer.sockets.length, 0)
})

t.test('a redirect is an answer, and is not followed', async (t) => {
  const target = await aPeer(t, answering('200 OK'))
  for (const status of ['301 Moved', '302 Found', '307 Moved', '308 Moved']) {
    const peer = await aPeer(t, answering(`${status}\r\nlocation: ${target.url}/`))
    t.match(await remote(t).post(peer.url, message, soon()), {
      type: 'answered',
      status: Number(status.slice(0, 3)),
    })
  }
  t.equal(target.sockets.length, 0)
})

t.test('what the receiver asks to wait is told, and what it writes is not read', async (t) => {
  const busy = await aPeer(t, answering('503 Busy\r\nretry-after: 7'))
  t.same(await remote(t).post(busy.url, message, soon()), {
    type: 'answered',
    status: 503,
    retryAfterMs: 7000,
  })
  const endless = await aPeer(t, (_path, socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    const fill = (): void => {
      while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
    }
    socket.on('drain', fill)
    fill()
  })
  t.match(await remote(t).post(endless.url, message, soon()), { type: 'answered', status: 200 })
  const [socket] = endless.sockets
  // Not `once`: that one rejects when the connection is reset, which is as good.
  await new Promise((resolve) =>
    socket?.destroyed === false ? socket.once('close', resolve) : resolve(null),
  )
  t.pass('the connection was closed')
})

t.test('a post is over when its connection is, whatever the receiver writes behind its answer', async (t) => {
  const dripping = await aPeer(t, (_path, socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    const timer = setInterval(() => socket.write('x'), 20)
    socket.once('close', () => clearInterval(timer))
  })
  const began = performance.now()
  t.match(await remote(t, { bodyIdleMs: 60_000 }).post(dripping.url, message, AbortSignal.timeout(30_000)), {
    type: 'answered',
    status: 200,
  })
  t.ok(performance.now() - began < 10_000)
  const [socket] = dripping.sockets
  // A reset is an end too, and would reject a wait for `close` that listens for errors.
  const closed = new Promise<void>((resolve) => socket?.once('close', resolve))
  if (socket?.destroyed === false) await closed
  t.equal(socket?.destroyed, true, 'it is closed')
})

t.test('no answer is a failure that says so, at the latest at the deadline', async (t) => {
  const silent = await aPeer(t, () => undefined)
  t.same(await remote(t).post(silent.url, message, AbortSignal.timeout(50)), {
    type: 'failed',
    message: 'No response was received in time.',
  })
  const rude = await aPeer(t, (_path, socket) => socket.destroy())
  t.match(await remote(t).post(rude.url, message, soon()), {
    type: 'failed',
    message: /^No response was received \(/,
  })
  const { port } = await aPeer(t, answering('200 OK'))
  const outcome = await remote(t).post(`http://127.0.0.1:${port === 1 ? 2 : 1}/`, message, soon())
  t.match(outcome, { type: 'failed', message: /ECONNREFUSED/ })
})

/** undici lends a connection out again one turn of the event loop after its answer. */
async function idle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
}

t.test('messages to one receiver share a connection, and only as long as its address is new', async (t) => {
  const server = await startHttp(t, (_request, response) => json(response, 200, {}))
  const resolver = fakeResolver({ 'hooks.example': [['127.0.0.1']] })
  const made = remote(t, { allowPrivateHosts: ['127.0.0.1', 'hooks.example'], resolver })
  const url = `http://hooks.example:${server.port}/hook`
  for (let count = 0; count < 5; count++) {
    t.match(await made.post(url, message, soon()), { type: 'answered', status: 200 })
    await idle()
  }
  t.equal(server.connections(), 1)
  t.equal(server.seen.length, 5)

  const now = Date.now()
  t.teardown(() => (Date.now = original))
  const original = Date.now
  Date.now = () => now + 11_000
  t.match(await made.post(url, message, soon()), { type: 'answered', status: 200 })
  t.equal(server.connections(), 2, 'however busy it is')
})

t.test('a connection that nobody uses is closed from here, before receivers close theirs', async (t) => {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  // Node closes it after five seconds: then there is no end from the other side.
  const server = await startHttp(t, (_request, response, socket) => {
    socket.once('end', end)
    json(response, 200, {})
  })
  t.match(await remote(t).post(server.baseUrl, message, soon()), { type: 'answered', status: 200 })
  await ended
})

t.test('a receiver that closes a kept connection gets the message once more, on a new one', async (t) => {
  const server = await startHttp(t, (_request, response, socket) => {
    if (server.seen.length === 2) socket.resetAndDestroy()
    else json(response, 200, {})
  })
  const made = remote(t)
  t.match(await made.post(server.baseUrl, message, soon()), { type: 'answered', status: 200 })
  await idle()
  t.match(await made.post(server.baseUrl, message, soon()), { type: 'answered', status: 200 })
  t.equal(server.connections(), 2)
  t.same(
    server.seen.map(({ headers }) => headers['webhook-id']),
    ['dlv_1', 'dlv_1', 'dlv_1'],
  )
})

t.test('a receiver that closes new connections has failed, and gets nothing twice', async (t) => {
  const server = await startHttp(t, (_request, _response, socket) => socket.resetAndDestroy())
  const made = remote(t)
  for (const requests of [1, 2]) {
    t.match(await made.post(server.baseUrl, message, soon()), { type: 'failed' })
    t.equal(server.seen.length, requests)
    await idle()
  }
})
