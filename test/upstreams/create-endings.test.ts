import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import t from 'tap'
import type { CreateRequest } from '../../src/gateway/ports/upstream.ts'
import type { UpstreamSettings } from '../../src/gateway/upstreams/settings.ts'
import { closedPort, listen, readUntil, startHttp, startTcp } from './loopback.ts'
import type { Test } from './loopback.ts'
import { dialects, request, upstreamAt, within } from './create-wires.ts'

const untrusted = readFileSync(new URL('../fixtures/untrusted-host.pem', import.meta.url))

/** A file that cannot be opened. */
async function* missing(): AsyncGenerator<Uint8Array> {
  await Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT' }))
  yield Buffer.alloc(1)
}

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
    message: /No connection could be made/,
    start: (t) => startSilent(t, (socket) => socket.once('data', () => socket.resetAndDestroy())),
  },
  {
    what: 'a connection that is not ready in its time',
    message: /The connection timed out/,
    changes: within({ connectMs: 60 }),
    start: (t) => startSilent(t, () => undefined),
  },
  {
    what: 'a connection that is not ready in the time of the create',
    message: /No connection within 60 ms/,
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
  t.match(outcome, { type: 'unknown', message: 'No response within 80 ms.' })
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
