import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { createFileArchive } from '../../src/gateway/media/archive/file-archive.ts'
import { SlowTransfer } from '../../src/gateway/ports/media/remote-media.ts'
import { createRemoteMedia } from '../../src/gateway/upstreams/transport/guard/remote-media.ts'
import { createResolver } from '../../src/gateway/upstreams/transport/guard/resolver.ts'
import { createTransport } from '../../src/gateway/upstreams/transport/transport.ts'
import { mediaId } from '../contract/media-archive-builders.ts'
import { fakeRemote, startTcp } from '../upstreams/loopback.ts'

const leastRate = { bytesPerSecond: 10_000, windowMs: 200 }
const longMs = 20_000

/** A host that sends a head and then `bytes` every 10 ms; and whoever is connected to it. */
async function aHost(t: Test, bytes: number, pieces = Infinity) {
  const sockets: Socket[] = []
  const server = await startTcp(t, (socket) => {
    sockets.push(socket)
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\n\r\n')
      let sent = 0
      const timer = setInterval(() => {
        socket.write(Buffer.alloc(bytes))
        if ((sent += 1) >= pieces) socket.end()
      }, 10)
      socket.once('close', () => clearInterval(timer))
    })
  })
  return { ...server, sockets }
}

/** The two ways in which files come: from anywhere, and from the origin of an upstream with its key. */
async function waysTo(t: Test, { baseUrl }: { baseUrl: string }) {
  const times = { connectMs: longMs, headersMs: longMs, bodyIdleMs: longMs }
  const guard = createRemoteMedia({ ...times, allowPrivateHosts: ['127.0.0.1'], maxRedirects: 0, leastRate })
  const transport = createTransport(
    { baseUrl, apiKey: 'k', connectMs: longMs, fetchHeadersMs: longMs, fetchIdleMs: longMs, leastRate },
    { remoteMedia: fakeRemote(), resolver: createResolver() },
  )
  t.teardown(() => Promise.all([guard.close(), transport.close()]))
  const [fetched, downloaded] = [
    await guard.fetch(baseUrl, new AbortController().signal),
    await transport.download({ type: 'path', path: '/v.mp4' }),
  ]
  if (fetched.type !== 'body' || downloaded.type !== 'body') throw new Error('no body')
  return [fetched.body, downloaded.body]
}

async function allClosed(sockets: Socket[]): Promise<void> {
  const signal = AbortSignal.timeout(5000)
  for (const socket of sockets) if (!socket.destroyed) await once(socket, 'close', { signal })
}

async function read(body: AsyncIterable<Uint8Array>, restMs = 0): Promise<number | Error> {
  let bytes = 0
  try {
    for await (const chunk of body) {
      bytes += chunk.byteLength
      if (restMs > 0) await pause(restMs)
    }
    return bytes
  } catch (error) {
    return error instanceof Error ? error : new Error('odd')
  }
}

t.test('a file that drips is given up, and its connection closed', async (t) => {
  const host = await aHost(t, 10)
  for (const body of await waysTo(t, host)) {
    const ended = await read(body)
    t.ok(ended instanceof SlowTransfer, String(ended))
  }
  await allClosed(host.sockets)
})

t.test('a file that comes steadily is read to its end, however long its reader takes', async (t) => {
  const host = await aHost(t, 2000, 40)
  for (const body of await waysTo(t, host)) t.equal(await read(body, 30), 80_000)
})

t.test('the archive says that a file came too slowly, so that it is fetched again', async (t) => {
  const archive = await createFileArchive({ directory: t.testdir() })
  t.teardown(() => archive.close())
  const host = await aHost(t, 10)
  for (const body of await waysTo(t, host)) {
    const rules = {
      maxBytes: 1e6,
      expectedBytes: null,
      accept: ['video' as const],
      signal: AbortSignal.timeout(longMs),
    }
    const outcome = await archive.put(mediaId(), body, rules)
    t.same(outcome, { type: 'interrupted', message: 'The file transfer was too slow.' })
  }
})

t.test('a file that cannot be written is not left on its connection', async (t) => {
  const directory = t.testdir()
  const archive = await createFileArchive({ directory })
  t.teardown(() => archive.close())
  await rm(join(directory, 'tmp'), { recursive: true })
  const host = await aHost(t, 2000)
  for (const body of await waysTo(t, host)) {
    const rules = {
      maxBytes: 1e9,
      expectedBytes: null,
      accept: ['video' as const],
      signal: AbortSignal.timeout(longMs),
    }
    await t.rejects(archive.put(mediaId(), body, rules), { code: 'ENOENT' })
  }
  await allClosed(host.sockets)
})

t.test('a body that nobody reads, or only begins to, is closed', async (t) => {
  const host = await aHost(t, 2000)
  const [one, other] = await waysTo(t, host)
  const iterator = one?.[Symbol.asyncIterator]()
  await iterator?.next()
  await iterator?.return?.()
  await other?.[Symbol.asyncIterator]().return?.()
  await allClosed(host.sockets)
})
