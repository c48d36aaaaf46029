import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { createRemoteMedia } from '../../src/gateway/upstreams/transport/guard/remote-media.ts'
import { createRemotePost } from '../../src/gateway/upstreams/transport/guard/remote-post.ts'
import { createResolver } from '../../src/gateway/upstreams/transport/guard/resolver.ts'
import { createTransport } from '../../src/gateway/upstreams/transport/transport.ts'
import { fakeRemote, readAll, startTcp } from '../upstreams/loopback.ts'

/** How far the exchange gets before the peer fails. */
const phases = ['connect', 'tls', 'request', 'status', 'headers', 'body', 'end'] as const
type Phase = (typeof phases)[number]

const faults = {
  reset: (socket: Socket) => socket.resetAndDestroy(),
  'half-close': (socket: Socket) => socket.end(),
  stall: (socket: Socket) => socket.pause(),
}

/** Short, for stalls are waited for; everything else happens at once. */
const shortMs = 300
const written: Record<Phase, string> = {
  connect: '',
  tls: '',
  request: '',
  status: 'HTTP/1.1 200 OK\r\ncontent-',
  headers: 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n',
  body: 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello',
  end: 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello',
}

interface Came {
  file: string
  download: string
  post: string
  create: string
}

const nothing: Came = { file: 'failed', download: 'failed', post: 'failed', create: 'no_answer' }
const half: Came = { file: 'broke off', download: 'broke off', post: 'answered', create: 'no_answer' }

const expected: Record<Phase, Came> = {
  // The connection exists before the peer can fail, so the create may have been sent.
  connect: nothing,
  tls: { ...nothing, create: 'not_sent' },
  request: nothing,
  status: nothing,
  headers: half,
  body: half,
  end: { file: 'hello', download: 'hello', post: 'answered', create: 'answer' },
}

/** A reset may arrive before earlier data, and a connection may be gone before it is used. */
function overtaken(phase: Phase): Record<keyof Came, RegExp> {
  const file = phase === 'end' ? /^(hello|broke off|failed)$/ : /^(broke off|failed)$/
  const post = ['headers', 'body', 'end'].includes(phase) ? /^(answered|failed)$/ : /^failed$/
  const create = { connect: /^(not_sent|no_answer)$/, tls: /^not_sent$/, end: /^(answer|no_answer)$/ }
  const other = /^no_answer$/
  return {
    file,
    download: file,
    post,
    create: { request: other, status: other, headers: other, body: other, ...create }[phase],
  }
}

/** Errors that nobody listened to would end the gateway; tap would report them of this file, without saying where. */
const uncaught: unknown[] = []
process.on('uncaughtException', (error) => uncaught.push(error))
process.on('unhandledRejection', (error) => uncaught.push(error))

async function start(t: Test, phase: Phase, fault: keyof typeof faults) {
  const server = await startTcp(t, (socket) => {
    if (phase === 'connect') return void faults[fault](socket)
    socket.once('data', () => {
      const text = written[phase]
      if (text === '') faults[fault](socket)
      else socket.write(text, () => void faults[fault](socket))
    })
  })
  const scheme = phase === 'tls' ? 'https' : 'http'
  const url = `${scheme}://127.0.0.1:${server.port}`
  const options = {
    allowPrivateHosts: ['127.0.0.1'],
    connectMs: shortMs,
    headersMs: shortMs,
    bodyIdleMs: shortMs,
  }
  const media = createRemoteMedia({ ...options, maxRedirects: 0 })
  const post = createRemotePost(options)
  const transport = createTransport(
    { baseUrl: url, apiKey: 'secret-key', connectMs: shortMs, fetchHeadersMs: shortMs, fetchIdleMs: shortMs },
    { remoteMedia: fakeRemote(), resolver: createResolver() },
  )
  t.teardown(() => Promise.all([media.close(), post.close(), transport.close()]))
  return { media, post, transport, url }
}

type Opened = { type: 'body'; body: AsyncIterable<Uint8Array> } | { type: string }

/** What came of a file: its text, or that it broke off, or that there was none. */
async function fileOf(opened: Opened): Promise<string> {
  if (!('body' in opened)) return opened.type
  return readAll(opened.body).then(
    (bytes) => bytes.toString(),
    () => 'broke off',
  )
}

for (const fault of ['reset', 'half-close', 'stall'] as const) {
  for (const phase of phases) {
    t.test(`a peer with a ${fault} at: ${phase}`, async (t) => {
      const { media, post, transport, url } = await start(t, phase, fault)
      const soon = AbortSignal.timeout(5000)
      const came = {
        file: await fileOf(await media.fetch(url, soon)),
        download: await fileOf(await transport.download({ type: 'path', path: '/v' })),
        post: (await post.post(url, { headers: {}, body: '{}' }, soon)).type,
        create: (await transport.send({ method: 'POST', path: '/videos', body: null }, shortMs)).type,
      }
      if (fault !== 'reset') t.same(came, expected[phase])
      else t.match(came, overtaken(phase))
      await pause(20)
      t.same(uncaught, [])
    })
  }
}
