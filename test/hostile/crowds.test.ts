import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import type { LogRecord } from '../../src/gateway/ports/generations/generation-history.ts'
import { generationId } from '../http/samples.ts'
import { asMaker, createStubs, keys, listen } from '../http/stub-services.ts'

const events = `/generations/${generationId}/events`

async function open(t: Test, url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** What is answered until the connection ends. */
async function rest(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
  return Buffer.concat(chunks).toString()
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: ${asMaker.authorization}\r\n\r\n`
}

/** A history without an event, until its reader leaves. */
async function* silence(signal: AbortSignal): AsyncGenerator<LogRecord> {
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  yield* []
}

t.test('event streams are bounded for a key and for all keys together', async (t) => {
  const stubs = createStubs()
  stubs.generations.events = (_client, _id, _after, signal) => silence(signal)
  const { url } = await listen(t, stubs, { limits: { uploadBytes: 1, streamsPerKey: 2, streams: 3 } })
  const leave = new AbortController()
  const follow = (key: string) =>
    fetch(url + events, { headers: { authorization: `Bearer ${key}` }, signal: leave.signal })
  for (const key of [keys.maker, keys.maker, keys.reader]) t.equal((await follow(key)).status, 200)

  const own = await follow(keys.maker)
  t.match(await own.json(), { status: 429, code: 'too_many_in_flight' })
  const all = await follow(keys.reader)
  t.match(await all.json(), { status: 503, code: 'overloaded' })
  for (const each of [own, all]) t.match(each.headers.get('retry-after'), /^\d+$/)
  t.equal((await fetch(`${url}/generations`, { headers: asMaker })).status, 200, 'other calls go on')

  leave.abort()
  let next = await fetch(url + events, { headers: asMaker })
  while (next.status !== 200) {
    await next.text()
    next = await fetch(url + events, { headers: asMaker })
  }
  await next.body?.cancel()
})

t.test('calls that wait are bounded for a key and for all keys together', async (t) => {
  const stubs = createStubs()
  const waiting = Promise.withResolvers<void>()
  let begun = 0
  stubs.generations.wait = async (_client, _id, _ms, signal) => {
    begun += 1
    if (begun === 3) waiting.resolve()
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    throw new Error('left')
  }
  const { url } = await listen(t, stubs, { limits: { uploadBytes: 1, waitsPerKey: 2, waits: 3 } })
  const leave = new AbortController()
  const wait = (key: string) =>
    fetch(`${url}/generations/${generationId}?wait=30`, {
      headers: { authorization: `Bearer ${key}` },
      signal: leave.signal,
    })
  // Three are open, so the fourth finds no slot.
  const open = [keys.maker, keys.maker, keys.reader].map((key) => wait(key).catch(() => null))
  await waiting.promise
  t.match(await (await wait(keys.maker)).json(), { status: 429, code: 'too_many_in_flight' })
  t.match(await (await wait(keys.reader)).json(), { status: 503, code: 'overloaded' })
  t.equal((await fetch(`${url}/generations/${generationId}`, { headers: asMaker })).status, 200)
  leave.abort()
  await Promise.all(open)
})

t.test('the bytes of bodies under way are bounded for a key and for all keys together', async (t) => {
  const bodies = { perKey: 100_000, overall: 150_000 }
  const { url } = await listen(t, createStubs(), { limits: { uploadBytes: 1, bodies } })
  const sending: Socket[] = []
  const begin = async (key: string) => {
    const socket = await open(t, url)
    socket.write(
      `POST /generate HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: 80000\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n{`,
    )
    sending.push(socket)
    return socket
  }
  // It gets 100 Continue once the body is being read.
  const [goOn] = await once(await begin(keys.maker), 'data')
  t.match(String(goOn), /^HTTP\/1\.1 100 /)
  const own = await rest(await begin(keys.maker))
  t.match(own, /^HTTP\/1\.1 429 [^]*retry-after: \d+[^]*"code":"rate_limited"/im)
  const all = await rest(await begin(keys.slow))
  t.match(all, /^HTTP\/1\.1 503 [^]*retry-after: \d+[^]*"code":"overloaded"/im)
  const small = await fetch(`${url}/generate`, {
    method: 'POST',
    headers: { ...asMaker, 'content-type': 'application/json' },
    body: '{"prompt":"a"}',
  })
  t.equal(small.status, 202, 'small ones go on')
  for (const socket of sending) socket.destroy()
  let answer = ''
  while (!answer.includes('400')) {
    const socket = await open(t, url)
    socket.write(
      `POST /generate HTTP/1.1\r\nhost: x\r\nauthorization: ${asMaker.authorization}\r\ncontent-type: application/json\r\ncontent-length: 80000\r\nconnection: close\r\n\r\n${'x'.repeat(80_000)}`,
    )
    answer = (await rest(socket)).split('\r\n', 1)[0] ?? ''
  }
  t.match(answer, / 400 /, 'and there is room again')
})

t.test('connections are bounded: first answered, then closed, and liveness is served', async (t) => {
  const { app, url } = await listen(t, createStubs(), {
    limits: { uploadBytes: 1, connections: { served: 4, taken: 5 } },
  })
  const idle = []
  for (let at = 0; at < 4; at++) idle.push(await open(t, url))

  const fifth = await open(t, url)
  fifth.write(get('/generations'))
  const refused = await rest(fifth)
  t.match(refused, /^HTTP\/1\.1 503 /)
  t.match(refused, /retry-after: \d+\r\n/i)
  t.match(refused, /"code":"overloaded"/)

  const probe = await open(t, url)
  probe.write(get('/health/live').replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'))
  t.match(await rest(probe), /^HTTP\/1\.1 200 /)

  const waiting = await open(t, url)
  const dropped = await open(t, url)
  dropped.write(get('/generations'))
  t.equal(await rest(dropped), '', 'far above the bound nothing is said')
  waiting.destroy()
  for (const socket of idle) socket.destroy()
  while ((await countOf(app.server)) > 0) await new Promise(setImmediate)
  t.equal((await fetch(`${url}/generations`, { headers: asMaker })).status, 200, 'and there is room again')
})

t.test('requests that drip are ended at the deadline, however many there are', async (t) => {
  const stubs = createStubs()
  const times = { headersMs: 150, requestMs: 300, checkMs: 20 }
  const { url } = await listen(t, stubs, { times })
  const head = `POST /generate HTTP/1.1\r\nhost: x\r\nauthorization: ${asMaker.authorization}\r\n`
  const form = 'content-type: multipart/form-data; boundary=b\r\n'
  const body = '--b\r\ncontent-disposition: form-data; name="reference"; filename="a"\r\n\r\n'
  const starts: Record<string, [start: string, piece: string]> = {
    'a request line': ['G', 'E'],
    headers: [head, 'x: y\r\n'],
    'one header': [`${head}x: `, 'y'],
    JSON: [`${head}content-type: application/json\r\ncontent-length: 100000\r\n\r\n{"prompt":"`, 'x'],
    chunks: [`${head}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`, '1\r\n{\r\n'],
    'a form': [`${head}${form}content-length: 100000\r\n\r\n`, '-'],
    'a file': [`${head}${form}content-length: 100000\r\n\r\n${body}`, 'x'],
  }
  const began = performance.now()
  const drips = Object.entries(starts).flatMap(([what, drip]) =>
    Array.from({ length: 5 }, () => [what, drip] as const),
  )
  await Promise.all(
    drips.map(async ([what, [start, piece]]) => {
      const socket = await open(t, url)
      socket.write(start)
      const timer = setInterval(() => socket.write(piece), 20)
      const answer = await rest(socket)
      clearInterval(timer)
      t.match(answer, /^HTTP\/1\.1 4(?:00|08) [^]*"code":"(?:request_timeout|malformed_request)"/, what)
    }),
  )
  t.ok(performance.now() - began < 10_000)
  t.notOk(stubs.seen.calls.includes('submit'))
  t.same(stubs.seen.discarded, [...stubs.seen.stored.keys()])
  t.equal((await fetch(`${url}/health/live`)).status, 200)
})

function countOf(server: {
  getConnections(done: (error: Error | null, count: number) => void): unknown
}): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))
}
