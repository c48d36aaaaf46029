import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { assert, dictionary, integer, jsonValue, oneof, property, string } from 'fast-check'
import t from 'tap'
import { createKeptText } from '../../src/gateway/upstreams/transport/bodies/kept-text.ts'
import { createResolver } from '../../src/gateway/upstreams/transport/guard/resolver.ts'
import { createTransport } from '../../src/gateway/upstreams/transport/transport.ts'
import type { ApiCall } from '../../src/gateway/upstreams/transport/api-call.ts'
import { fakeRemote, startHttp } from './loopback.ts'
import type { Test } from './loopback.ts'

const poll: ApiCall = { method: 'GET', path: '/videos/v1', body: null }
const job = JSON.stringify({ id: 'v1', status: 'completed', note: 'héllo 視頻 😀' })

async function sendTo(t: Test, body: Uint8Array, headers: Record<string, string> = {}) {
  const server = await startHttp(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers })
    response.end(body)
  })
  const transport = createTransport(
    { baseUrl: server.baseUrl, apiKey: null, connectMs: 2000, fetchHeadersMs: 2000, fetchIdleMs: 2000 },
    { remoteMedia: fakeRemote(), resolver: createResolver() },
  )
  t.teardown(() => transport.close())
  return transport.send(poll, 10_000)
}

t.test('an answer is read whatever it was compressed with, and whether or not it says so', async (t) => {
  const rows: [what: string, body: Uint8Array, encoding: string | null][] = [
    ['gzip', gzipSync(job), 'gzip'],
    ['x-gzip', gzipSync(job), 'x-gzip'],
    ['brotli', brotliCompressSync(job), 'br'],
    ['deflate', deflateSync(job), 'deflate'],
    ['deflate without its head', deflateRawSync(job), 'deflate'],
    ['zstd', zstdCompressSync(job), 'zstd'],
    ['gzip without a label', gzipSync(job), null],
    ['a label on plain text', Buffer.from(job), 'gzip'],
    ['brotli called twice', brotliCompressSync(job), 'identity, br'],
    ['a byte order mark', Buffer.from(`\uFEFF${job}`), null],
    ['a byte order mark in gzip', gzipSync(`\uFEFF${job}`), 'gzip'],
  ]
  for (const [what, body, encoding] of rows)
    await t.test(what, async (t) => {
      const headers = encoding === null ? {} : { 'content-encoding': encoding }
      t.match(await sendTo(t, body, headers), { type: 'answer', status: 200, body: job })
    })
})

t.test('bytes that cannot be decoded leave the status', async (t) => {
  const broken = gzipSync(job)
  broken.fill(0xff, 10)
  t.match(await sendTo(t, broken, { 'content-encoding': 'gzip' }), { type: 'answer', status: 200, body: '' })
})

t.test('64 KiB of headers are read', async (t) => {
  const names = Array.from({ length: 50 }, (_, index) => [`x-trace-${index}`, 'x'.repeat(1000)])
  t.match(await sendTo(t, Buffer.from(job), Object.fromEntries(names)), { type: 'answer', body: job })
})

t.test('what is around a long string in an answer can be read', async (t) => {
  const video = 'AAAAHGZ0eXBtcDQy'.repeat(1_000_000)
  for (const isPacked of [false, true]) {
    const plain = Buffer.from(JSON.stringify({ id: 'v1', video: { b64_json: video }, status: 'completed' }))
    const result = await (isPacked
      ? sendTo(t, gzipSync(plain), { 'content-encoding': 'gzip' })
      : sendTo(t, plain))
    const kept = result.type === 'answer' ? result.body : result.message
    t.ok(kept.length < 20_000, `${kept.length} characters of 16 MB are kept`)
    t.match(JSON.parse(kept), { id: 'v1', status: 'completed', video: { b64_json: /^AAAAHGZ0eXBtcDQy/ } })
  }
})

t.test('a bomb is not unpacked into memory', async (t) => {
  const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024, '['), { level: 9 })
  const result = await sendTo(t, bomb, { 'content-encoding': 'gzip' })
  t.match(result, { type: 'answer', status: 200 })
  t.ok(result.type === 'answer' && result.body.length <= 1024 * 1024)
})

t.test('JSON stays the same JSON but for its long strings, wherever its chunks are cut', async (t) => {
  const long = string({ unit: 'grapheme', minLength: 3000, maxLength: 9000 }).map((text) => text.repeat(8))
  const value = dictionary(string(), oneof(jsonValue(), string({ unit: 'binary' }), long))
  assert(
    property(value, integer({ min: 1, max: 4096 }), (each, size) => {
      const bytes = Buffer.from(JSON.stringify(each))
      const kept = createKeptText(10 * 1024 * 1024)
      for (let at = 0; at < bytes.length; at += size) kept.push(bytes.subarray(at, at + size))
      const read: unknown = JSON.parse(kept.text())
      t.same(shortened(read), shortened(JSON.parse(bytes.toString())))
    }),
    { numRuns: 30 },
  )
})

/** Strings by their first 1000 characters: what is kept of a long one is more. */
function shortened(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, each) => (typeof each === 'string' ? each.slice(0, 1000) : each)),
  )
}
