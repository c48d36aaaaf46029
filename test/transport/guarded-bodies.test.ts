import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { createFileArchive } from '../../src/gateway/media/archive/file-archive.ts'
import { fakeResolver } from '../fixtures/fake-resolver.ts'
import { bytesOf, mediaId, rules } from '../contract/media-archive-builders.ts'
import { never, aPeer, answer, redirect, remote, text, body } from './peer.ts'

/** Sends for as long as anybody reads. */
function pour(socket: Socket): void {
  const fill = (): void => {
    while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
  }
  socket.on('drain', fill)
  fill()
}

t.test('a file comes with its length and type, and the request carries nothing of ours', async (t) => {
  const peer = await aPeer(t)
  const guarded = remote(t)
  const fetched = await guarded.fetch(`${peer.url}/a%20b?sig=x%2Fy&z=#part`, never)
  t.match(fetched, { type: 'body', bytes: 5, contentType: 'video/mp4' })
  t.equal(fetched.type === 'body' && (await bytesOf(fetched.body)).toString(), 'hello')
  const [head = ''] = peer.requests
  t.equal(head.split('\r\n')[0], 'GET /a%20b?sig=x%2Fy&z= HTTP/1.1')
  const sent = head
    .split('\r\n')
    .slice(1, -2)
    .map((line) => line.split(':')[0]?.toLowerCase())
  t.strictSame(new Set(sent), new Set(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']))
  t.match(head, /accept-encoding: identity/)
})

t.test('redirects are followed, relative ones too, and no cookie goes along', async (t) => {
  const peer = await aPeer(t, (path, socket) => {
    if (path === '/start') redirect(socket, '../a/b?c=1')
    else if (path === '/a/b?c=1') redirect(socket, 'last\r\nset-cookie: a=b', 307)
    else answer(socket, path)
  })
  const guarded = remote(t)
  t.equal(await text(guarded.fetch(`${peer.url}/start`, never)), '/a/last')
  t.equal(peer.requests.length, 3)
  t.notMatch(peer.requests.join(), /cookie|referer|authorization/i)
})

t.test('redirects end after five', async (t) => {
  const peer = await aPeer(t, (path, socket) => {
    const left = Number(path.slice(1))
    if (left === 0) answer(socket, 'there')
    else redirect(socket, `/${left - 1}`)
  })
  const guarded = remote(t)
  t.equal(await text(guarded.fetch(`${peer.url}/5`, never)), 'there')
  t.match(await guarded.fetch(`${peer.url}/6`, never), { type: 'failed', message: /too many/ })
  t.equal(peer.requests.length, 12)
})

t.test('only a whole file in the clear is a body', async (t) => {
  const gzip = gzipSync('hello')
  const heads: Record<string, string> = {
    '/404': 'HTTP/1.1 404 Not Found',
    '/500': 'HTTP/1.1 500 Oops',
    '/304': 'HTTP/1.1 304 Not Modified',
    '/206': 'HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-4/10',
    '/300': 'HTTP/1.1 300 Multiple Choices',
    '/302': 'HTTP/1.1 302 Found',
    '/gzip': 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip',
    '/br': 'HTTP/1.1 200 OK\r\ncontent-encoding: br, identity',
    '/wide': `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}`,
    '/twice': 'HTTP/1.1 200 OK\r\ncontent-length: 9',
    '/nonsense': 'SSH-2.0-OpenSSH_9.9',
    '/switch': 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade',
  }
  const peer = await aPeer(t, (path, socket) => answer(socket, gzip, heads[path]))
  const guarded = remote(t)
  for (const path of Object.keys(heads)) {
    t.match(await guarded.fetch(`${peer.url}${path}`, never), { type: 'failed' }, path)
  }
  const clear = 'HTTP/1.1 200 OK\r\ncontent-encoding: identity'
  const plain = await aPeer(t, (_, socket) => answer(socket, 'hello', clear))
  t.equal(await text(guarded.fetch(plain.url, never)), 'hello')
})

t.test('a host that cannot be reached or resolved fails, and the message names no address', async (t) => {
  const peer = await aPeer(t, (_, socket) => socket.destroy())
  const gone = await aClosedPort()
  const guarded = remote(t, {
    resolver: fakeResolver({ 'gone.example': [['127.0.0.1']], 'empty.example': [[]] }),
  })
  const urls = [
    `${peer.url}/?sig=secret`,
    `http://gone.example:${gone}/`,
    'http://empty.example/',
    'http://none.example/',
  ]
  for (const url of urls) {
    const fetched = await guarded.fetch(url, never)
    t.match(fetched, { type: 'failed' }, url)
    t.notMatch(fetched.type === 'failed' ? fetched.message : '', /127\.0|secret/)
  }
})

t.test('a name that does not resolve in time fails', async (t) => {
  await aPeer(t) // keeps the process alive, as the gateway's own listener does
  const guarded = remote(t, { connectMs: 100, resolver: fakeResolver({ 'slow.example': ['silence'] }) })
  t.match(await guarded.fetch('http://slow.example/', never), { type: 'failed', message: /TIMEOUT/ })
})

t.test('headers that do not come, or come drop by drop, fail at their deadline', async (t) => {
  const peer = await aPeer(t, (path, socket) => {
    if (path === '/silent') return
    socket.write('HTTP/1.1 200 OK\r\n')
    const timer = setInterval(() => socket.write('x-a: b\r\n'), 20)
    socket.once('close', () => clearInterval(timer))
  })
  const guarded = remote(t, { headersMs: 150 })
  const fetched = ['/silent', '/drip'].map((path) => guarded.fetch(`${peer.url}${path}`, never))
  for (const each of await Promise.all(fetched)) t.match(each, { type: 'failed', message: /TIMEOUT/ })
  await closed(peer.sockets)
})

t.test('a body that falls silent breaks off at its deadline', async (t) => {
  const peer = await aPeer(t, (_, socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello')
  })
  const silent = await body(remote(t, { bodyIdleMs: 150 }).fetch(peer.url, never))
  await t.rejects(bytesOf(silent))
  await closed(peer.sockets)
})

t.test('a slow body is read to its end while it goes on', async (t) => {
  const peer = await aPeer(t, (_, socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n')
    let sent = 0
    const timer = setInterval(() => {
      socket.write('x')
      if (++sent === 10) clearInterval(timer)
    }, 40)
    socket.once('close', () => clearInterval(timer))
  })
  t.equal(await text(remote(t, { bodyIdleMs: 300 }).fetch(peer.url, never)), 'xxxxxxxxxx')
})

t.test('a body that ends before its length is an error', async (t) => {
  const peer = await aPeer(t, (_, socket) =>
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello'),
  )
  const guarded = remote(t)
  t.match(await guarded.fetch(peer.url, never), { type: 'body', bytes: 100 })
  await t.rejects(bytesOf(await body(guarded.fetch(peer.url, never))))
})

t.test('a body without a length ends with its connection, and says so', async (t) => {
  const peer = await aPeer(t, (_, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'))
  const fetched = await remote(t).fetch(peer.url, never)
  t.match(fetched, { type: 'body', bytes: null, contentType: null })
  t.equal(fetched.type === 'body' && (await bytesOf(fetched.body)).toString(), 'hello')
})

t.test('the caller can give up before the headers and inside the body', async (t) => {
  const abort = new AbortController()
  const silent = await aPeer(t, () => abort.abort())
  const guarded = remote(t)
  t.match(await guarded.fetch(silent.url, abort.signal), { type: 'failed', message: /cancelled/ })
  await closed(silent.sockets)
  t.match(await guarded.fetch(silent.url, AbortSignal.abort()), { type: 'failed', message: /cancelled/ })
  t.equal(silent.sockets.length, 1)

  const later = new AbortController()
  const half = await aPeer(t, (_, socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\nhello'))
  const reading = bytesOf(await body(guarded.fetch(half.url, later.signal)))
  later.abort()
  await t.rejects(reading)
  await closed(half.sockets)
})

t.test('a body that is given up unread is closed, and ends nothing else', async (t) => {
  const peer = await aPeer(t, (_, socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    pour(socket)
  })
  const guarded = remote(t, { bodyIdleMs: 100 })
  const abort = new AbortController()
  t.match(await guarded.fetch(peer.url, never), { type: 'body' }, 'never read')
  t.match(await guarded.fetch(peer.url, abort.signal), { type: 'body' }, 'aborted before it was read')
  abort.abort()
  await closed(peer.sockets)
})

t.test('an answer that redirects or fails is not read on', async (t) => {
  const peer = await aPeer(t, (_, socket) => {
    socket.write('HTTP/1.1 500 Oops\r\n\r\n')
    pour(socket)
  })
  t.match(await remote(t).fetch(peer.url, never), { type: 'failed', message: /500/ })
  await closed(peer.sockets)
})

t.test('an endless body is stored by no archive, and its connection is closed', async (t) => {
  const peer = await aPeer(t, (_, socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\n\r\n')
    pour(socket)
  })
  const archive = await createFileArchive({ directory: t.testdir() })
  t.teardown(() => archive.close())
  const endless = await body(remote(t).fetch(peer.url, never))
  t.match(await archive.put(mediaId(), endless, rules({ maxBytes: 500_000 })), { type: 'too_large' })
  await closed(peer.sockets)
})

t.test('a connection serves one request', async (t) => {
  const peer = await aPeer(t, (_, socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello')
  })
  const guarded = remote(t)
  t.equal(await text(guarded.fetch(peer.url, never)), 'hello')
  t.equal(await text(guarded.fetch(peer.url, never)), 'hello')
  t.equal(peer.sockets.length, 2)
  await closed(peer.sockets)
})

async function aClosedPort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function closed(sockets: Socket[]): Promise<void> {
  for (const socket of sockets) {
    if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  }
}
