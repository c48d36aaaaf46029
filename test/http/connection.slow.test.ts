import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import type { ServerTimes } from '../../src/gateway/http/server-options.ts'
import { form } from './forms.ts'
import { sampleGeneration } from './samples.ts'
import { asMaker, createStubs, listen } from './stub-services.ts'

async function open(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

/** Everything the server sends until it closes the connection. */
async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  // A reset still ends in `close`; what came before it counts.
  socket.on('error', () => undefined)
  socket.resume()
  await new Promise((resolve) => socket.once('close', resolve))
  return Buffer.concat(chunks).toString()
}

const head = `POST /generate HTTP/1.1\r\nhost: x\r\nauthorization: ${asMaker.authorization}\r\n`

t.test('what is not HTTP is answered as a problem and the process lives', async (t) => {
  const { url } = await listen(t)
  for (const [sent, status, code] of [
    ['GARBAGE\r\n\r\n', 400, 'malformed_request'],
    ['GET / HTTP/9.9\r\nhost: x\r\n\r\n', 400, 'malformed_request'],
    [`${head}content-length: x\r\n\r\n`, 400, 'malformed_request'],
    [`${head}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`, 400, 'malformed_request'],
    [`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ] as const) {
    const socket = await open(url)
    socket.write(sent)
    const [headers = '', body = ''] = (await readAll(socket)).split('\r\n\r\n')
    t.match(headers, new RegExp(`^HTTP/1.1 ${status} `), sent.slice(0, 20))
    t.match(headers, /content-type: application\/problem\+json/)
    const problem = JSON.parse(body)
    t.match(problem, { status, code })
    t.match(headers, `x-request-id: ${problem.request_id}`)
  }
  t.equal((await fetch(`${url}/health/live`)).status, 200)
})

t.test('a request that does not arrive in time is ended', async (t) => {
  const stubs = createStubs()
  const { url } = await listen(t, stubs, { times: { headersMs: 30, requestMs: 60, checkMs: 10 } })
  for (const [what, sent] of [
    ['headers', head],
    ['body', `${head}content-type: application/json\r\ncontent-length: 100\r\n\r\n{"prompt":`],
    ['nothing at all', ''],
  ] as const) {
    const socket = await open(url)
    if (sent !== '') socket.write(sent)
    const answer = await readAll(socket)
    t.match(answer, /^HTTP\/1.1 408 /, what)
    t.match(answer, /"code":"request_timeout"/, what)
  }
  t.strictSame(stubs.seen.calls, [])
})

t.test('a connection without a byte in either direction is closed', async (t) => {
  const stubs = createStubs()
  stubs.views.list = async () => new Promise(() => undefined)
  const { url } = await listen(t, stubs, { times: { idleMs: 30 } })
  await t.rejects(fetch(`${url}/generations`, { headers: asMaker }))
})

t.test('50 MB of JSON are refused with an answer that can be read', async (t) => {
  const stubs = createStubs()
  const { url } = await listen(t, stubs)
  const big = Buffer.alloc(50 * 1024 * 1024, 'x')
  const pieces = async function* chunked() {
    for (let i = 0; i < 50; i++) yield new Uint8Array(big.subarray(i * 1024 * 1024, (i + 1) * 1024 * 1024))
  }
  const headers = { ...asMaker, 'content-type': 'application/json' }
  const bodies = [big, ReadableStream.from(pieces())]
  for (const body of bodies) {
    const answer = await fetch(`${url}/generate`, { method: 'POST', headers, body, duplex: 'half' })
    t.equal(answer.status, 413)
    t.match(await answer.json(), { code: 'payload_too_large' })
  }
  t.strictSame(stubs.seen.calls, [])
  t.equal((await fetch(`${url}/health/live`)).status, 200)
})

t.test('a caller who sends all before reading is not reset', async (t) => {
  const { url } = await listen(t)
  const socket = await open(url)
  socket.pause()
  const length = 50 * 1024 * 1024
  socket.write(`${head}content-type: application/json\r\ncontent-length: ${length}\r\n\r\n`)
  const sent = new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.write(Buffer.alloc(length, 'x'), () => resolve())
  })
  await t.resolves(sent)
  socket.write('GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  const answers = await readAll(socket)
  t.match(answers, /^HTTP\/1.1 413 /)
  t.match(answers, /"code":"payload_too_large"/)
  t.match(answers, /HTTP\/1.1 200 /, 'and the connection serves the next call')
})

t.test('an upload that is refused gets its answer while it is being sent', async (t) => {
  const { url } = await listen(t)
  const sent = form([
    { name: 'reference', value: Buffer.alloc(20 * 1024 * 1024), filename: 'a.mp4', type: 'video/mp4' },
  ])
  const body = new Uint8Array(sent.payload)
  const stranger = await fetch(`${url}/generate`, { method: 'POST', headers: sent.headers, body })
  t.equal(stranger.status, 401)
  t.match(await stranger.json(), { code: 'unauthorized' })
  const maker = await fetch(`${url}/generate`, {
    method: 'POST',
    headers: { ...asMaker, ...sent.headers },
    body,
  })
  t.equal(maker.status, 413)
})

t.test('who keeps sending after the answer is cut off', async (t) => {
  const { url } = await listen(t)
  const socket = await open(url)
  socket.write(
    'POST /generate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
  )
  const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`
  let sent = 0
  const send = () => {
    while (!socket.destroyed && socket.write(chunk)) sent++
    sent++
  }
  socket.on('drain', send)
  send()
  const answer = await readAll(socket)
  t.match(answer, /^HTTP\/1.1 401 /)
  t.ok(sent >= 64 && sent < 80, `after ${sent} MiB`)
})

t.test('an upload whose sender leaves is not submitted, and the stream to the archive ends', async (t) => {
  const stubs = createStubs()
  const begun = Promise.withResolvers<void>()
  const broken = Promise.withResolvers<unknown>()
  stubs.intake.fromStream = async (body) => {
    try {
      for await (const chunk of body) if (chunk.length > 0) begun.resolve()
    } catch (error) {
      broken.resolve(error)
      throw error
    }
    throw new Error('the upload looked whole')
  }
  const { url } = await listen(t, stubs)
  const socket = await open(url)
  const sent = form(
    [{ name: 'reference', value: Buffer.alloc(1000), filename: 'a.mp4', type: 'video/mp4' }],
    '',
  )
  socket.write(`${head}content-type: ${sent.headers['content-type']}\r\ncontent-length: 100000\r\n\r\n`)
  socket.write(sent.payload)
  await begun.promise
  socket.destroy()
  t.ok((await broken.promise) instanceof Error)
  t.notOk(stubs.seen.calls.includes('submit'))
  t.equal((await fetch(`${url}/health/live`)).status, 200)
})

t.test('closing lets calls under way finish and waits for no silent or idle connection', async (t) => {
  const stubs = createStubs()
  const started = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  stubs.generations.submit = async () => {
    started.resolve()
    await finish.promise
    return { type: 'accepted', generation: sampleGeneration(), startsAt: null }
  }
  const { app, url } = await listen(t, stubs)
  const silent = await open(url)
  const idle = await fetch(`${url}/health/live`)
  await idle.text()
  const call = fetch(`${url}/generate`, {
    method: 'POST',
    headers: { ...asMaker, 'content-type': 'application/json' },
    body: '{"prompt":"a lighthouse"}',
  })
  await started.promise
  const closed = app.close()
  await once(silent, 'close')
  finish.resolve()
  const answer = await call
  t.equal(answer.status, 202)
  t.match(await answer.json(), { object: 'generation' })
  await closed
})

t.test('a body that waits for 100 Continue is asked for only where the key opens the route', async (t) => {
  const stubs = createStubs()
  const { url } = await listen(t, stubs)
  const body = '{"prompt":"a boat"}'
  const rest = `content-type: application/json\r\ncontent-length: ${body.length}\r\nexpect: 100-continue\r\n`
  const stranger = await open(url)
  stranger.write(`POST /generate HTTP/1.1\r\nhost: x\r\n${rest}\r\n`)
  const refused = await readAll(stranger)
  t.match(
    refused,
    /^HTTP\/1\.1 401 [^]*connection: close/i,
    'and the connection ends: what would follow is unclear',
  )
  const maker = await open(url)
  maker.write(`${head}${rest}connection: close\r\n\r\n`)
  await once(maker, 'readable')
  t.equal(String(maker.read()), 'HTTP/1.1 100 Continue\r\n\r\n')
  t.notOk(stubs.seen.calls.includes('submit'))
  maker.write(body)
  t.match(await readAll(maker), /^HTTP\/1\.1 202 /)
})

/** A gateway with a video of so many bytes, and a connection that has asked for it. */
async function download(t: Test, bytes: number, times: Partial<ServerTimes>) {
  const stubs = createStubs()
  stubs.generations.video = async () => ({
    asset: {
      mediaId: 'media_0',
      contentType: 'video/mp4',
      bytes,
      sha256: 'a'.repeat(64),
      durationSeconds: 1,
      width: 16,
      height: 16,
      expiredAt: null,
    },
    media: {
      contentType: 'video/mp4',
      bytes,
      async *read() {
        for (let sent = 0; sent < bytes; sent += 65_536) yield Buffer.alloc(65_536)
      },
    },
    link: null,
  })
  const { app, url } = await listen(t, stubs, { times })
  const socket = await open(url)
  socket.on('error', () => undefined).pause()
  const asked = `GET /generations/${sampleGeneration().id}/video HTTP/1.1`
  socket.write(`${asked}\r\nhost: x\r\nauthorization: ${asMaker.authorization}\r\n\r\n`)
  await once(socket, 'readable')
  return { app, socket }
}

for (const [what, times] of Object.entries({
  'when its time is over': { cutMs: 300, unreadMs: 60_000 },
  'as soon as that is known': { cutMs: 60_000, unreadMs: 300 },
}))
  t.test(`closing cuts who stopped reading a download: ${what}`, async (t) => {
    const { app } = await download(t, 1024 * 1024 * 1024, times)
    const from = performance.now()
    await app.close()
    const ms = performance.now() - from
    t.ok(ms >= 290 && ms < 10_000, `after ${Math.round(ms)} ms`)
  })

t.test('a download that is read on while the server closes comes to its end', async (t) => {
  const bytes = 64 * 1024 * 1024
  const { app, socket } = await download(t, bytes, { cutMs: 60_000, unreadMs: 1500 })
  const closed = app.close()
  let read = 0
  socket.on('data', (chunk: Buffer) => {
    read += chunk.length
    socket.pause()
    // Long enough that the whole takes longer than one who reads nothing is given.
    setTimeout(() => socket.resume(), 2)
  })
  await once(socket, 'close')
  await closed
  t.ok(read > bytes, `${read} bytes`)
})

t.test('a process that cannot keep up turns work away but stays alive', async (t) => {
  const { url } = await listen(t, createStubs(), {
    pressure: { eventLoopDelayMs: 60_000, heapBytes: 1, sampleMs: 10 },
  })
  let answer = await fetch(`${url}/generations`, { headers: asMaker })
  while (answer.status === 200) {
    await answer.text()
    answer = await fetch(`${url}/generations`, { headers: asMaker })
  }
  t.equal(answer.status, 503)
  t.match(answer.headers.get('retry-after'), /^\d+$/)
  t.match(await answer.json(), { code: 'overloaded' })
  t.equal((await fetch(`${url}/health/live`)).status, 200)
  t.equal((await fetch(`${url}/health/ready`)).status, 503)
})
