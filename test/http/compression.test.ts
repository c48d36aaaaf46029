import { get } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { readFile } from 'node:fs/promises'
import * as fc from 'fast-check'
import t from 'tap'
import { encodingFor, mayCompress } from '../../src/gateway/http/answers/compress-json.ts'
import { createdAt, generationId, sampleGeneration, sampleKey } from './samples.ts'
import { asMaker, createStubs, keys, listen, serve } from './stub-services.ts'

const decoders = { br: brotliDecompressSync, gzip: gunzipSync }
const asAdmin = { authorization: `Bearer ${keys.admin}` }

async function* talkative() {
  for (let seq = 1; seq < 40; seq++) {
    const data = { progress: seq, text: 'x'.repeat(100) }
    yield { seq, type: 'attempt.progress' as const, at: createdAt, data }
  }
}

function fiveListed() {
  const stubs = createStubs()
  stubs.views.list = async () => ({ data: Array.from({ length: 5 }, () => sampleGeneration()), next: null })
  return stubs
}

/** Fetched without decoding, as `fetch` would. */
async function raw(url: string, headers: IncomingHttpHeaders) {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number | undefined
    headers: IncomingHttpHeaders
    body: Buffer
  }>()
  get(url, { headers }, (answer) => {
    buffer(answer).then(
      (body) => resolve({ status: answer.statusCode, headers: answer.headers, body }),
      reject,
    )
  }).on('error', reject)
  return promise
}

t.test('JSON of more than 1 kB is compressed as the caller likes it, over a real connection', async (t) => {
  const { url } = await listen(t, fiveListed())
  const plain = await raw(`${url}/generations`, asMaker)
  t.ok(plain.body.length > 1024)
  t.equal(plain.headers['content-encoding'], undefined)
  t.equal(plain.headers['vary'], 'accept-encoding', 'said to caches of the plain answer, too')
  for (const [accepted, encoding] of [
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0.1, gzip', 'gzip'],
  ] as const) {
    const packed = await raw(`${url}/generations`, { ...asMaker, 'accept-encoding': accepted })
    t.match(packed.headers, {
      'content-encoding': encoding,
      vary: 'accept-encoding',
      'content-type': /^application\/json/,
      'content-length': String(packed.body.length),
    })
    t.ok(packed.body.length < plain.body.length / 1.5, `${plain.body.length} to ${packed.body.length} bytes`)
    t.same(decoders[encoding](packed.body), plain.body)
  }
})

t.test('what is short, a stream, or not JSON stays as it is', async (t) => {
  const stubs = fiveListed()
  stubs.generations.events = talkative
  const { url } = await listen(t, stubs)
  for (const [path, headers] of [
    ['/health/live', {}],
    [`/generations/${generationId}/events`, asMaker],
    ['/usage?format=csv', asAdmin],
    ['/docs/static/swagger-ui.css', {}],
  ] as const) {
    const answer = await raw(url + path, { ...headers, 'accept-encoding': 'br, gzip' })
    t.equal(answer.status, 200, path)
    t.equal(answer.headers['content-encoding'], undefined, path)
  }
  const head = await fetch(`${url}/generations`, { method: 'HEAD', headers: asMaker })
  t.match(head.headers.get('content-encoding'), /gzip|br/, 'HEAD says what GET would')
})

t.test(
  'a compressed answer has no strong tag, and the caller who kept it is told when it is unchanged',
  async (t) => {
    const { url } = await listen(t)
    const path = `${url}/openapi.json`
    const plain = await raw(path, {})
    const tag = plain.headers['etag'] ?? ''
    t.match(tag, /^"/)
    const packed = await raw(path, { 'accept-encoding': 'br' })
    t.equal(packed.headers['etag'], `W/${tag}`)
    t.same(brotliDecompressSync(packed.body), plain.body)
    const again = await raw(path, { 'accept-encoding': 'br' })
    t.same(again.body, packed.body)
    const kept = await raw(path, { 'accept-encoding': 'br', 'if-none-match': `W/${tag}` })
    t.match(kept, { status: 304, headers: { etag: `W/${tag}` } })
    t.match(await raw(path, { 'if-none-match': tag }), { status: 304, headers: { etag: tag } })
  },
)

t.test('an answer that holds a secret is not compressed, however long it is', async (t) => {
  const stubs = createStubs()
  const key = { ...sampleKey(), name: 'k'.repeat(2000) }
  stubs.keys.create = async () => ({ value: { key, secret: 'und_shown-once' }, replayed: false })
  const app = await serve(t, stubs)
  const answer = await app.inject({
    method: 'POST',
    url: '/keys',
    headers: { ...asAdmin, 'accept-encoding': 'br, gzip' },
    payload: { name: 'marketing', scopes: ['generate'] },
  })
  t.equal(answer.statusCode, 201)
  t.ok(answer.body.length > 2000)
  t.match(answer.headers, { 'content-encoding': undefined, vary: undefined })
})

t.test('no operation that answers with a secret may be compressed', async (t) => {
  const text = await readFile(new URL('../../openapi/openapi.json', import.meta.url), 'utf8')
  const { paths, components } = JSON.parse(text)
  const holdsSecret = (schema: object, seen = new Set<string>()): boolean => {
    const said = JSON.stringify(schema)
    if (/"(?:secret|token|password)":\{|[Ss]igned link/.test(said)) return true
    const refs = [...said.matchAll(/#\/components\/schemas\/(\w+)/g)].flatMap(([, name = '']) => name)
    return refs.some((name) => {
      if (seen.has(name)) return false
      return holdsSecret(components.schemas[name], seen.add(name))
    })
  }
  const secret = Object.entries<Record<string, { responses: Record<string, { content?: object }> }>>(paths)
    .filter(([, methods]) =>
      Object.values(methods).some(({ responses }) =>
        Object.values(responses).some(({ content }) => content !== undefined && holdsSecret(content)),
      ),
    )
    .map(([path]) => path)
  t.ok(secret.includes('/keys') && secret.includes('/webhook-secrets'), secret.join(' '))
  t.strictSame(secret.filter(mayCompress), [])
  t.ok(mayCompress('/generations/:id') && mayCompress('/upstreams') && !mayCompress('/console/session'))
})

t.test('an encoding is one that was accepted, and never one that was ruled out', async (t) => {
  for (const [header, expected] of [
    ['', null],
    ['identity', null],
    ['deflate, zstd', null],
    ['GZIP', 'gzip'],
    ['*', 'br'],
    ['gzip;q=0', null],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0, *', null],
    ['identity;q=1, gzip;q=0.5', null],
    ['gzip;q=1.0, br;q=1.0', 'br'],
  ] as const)
    t.equal(encodingFor(header), expected, header)
  const name = fc.constantFrom('br', 'gzip', 'identity', 'deflate', '*', 'x')
  const offer = fc.tuple(name, fc.constantFrom('', ';q=0', ';q=0.000', ';q=0.5', ';q=1', '; q=0.3'))
  fc.assert(
    fc.property(fc.array(offer, { maxLength: 6 }), (offers) => {
      const chosen = encodingFor(offers.map((one) => one.join('')).join(', '))
      if (chosen === null) return true
      const refused = offers.some(([one, weight]) => one === chosen && /=0(?:\.0+)?$/.test(weight))
      return !refused && offers.some(([one]) => one === chosen || one === '*')
    }),
  )
})

t.test('a long problem is compressed, too', async (t) => {
  const stubs = createStubs()
  stubs.generations.get = async () => sampleGeneration()
  const app = await serve(t, stubs)
  const payload = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`member_${i}`, 'x']))
  const answer = await app.inject({
    method: 'POST',
    url: '/generate',
    headers: { ...asMaker, 'accept-encoding': 'gzip' },
    payload,
  })
  t.equal(answer.statusCode, 400)
  t.equal(answer.headers['content-encoding'], 'gzip')
  t.match(JSON.parse(gunzipSync(answer.rawPayload).toString()), { code: 'validation_failed' })
})
