import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import type { VideoFetch } from '../../src/gateway/ports/upstream.ts'
import { createUpstreamDirectory } from '../../src/gateway/upstreams/upstream-directory.ts'
import { settings } from './fixtures.ts'
import { fakeRemote, json, noLogger, readAll, startHttp } from './loopback.ts'
import type { SeenRequest, Test } from './loopback.ts'

const noise = Buffer.from(Array.from({ length: 3_000_001 }, (_, index) => (index * 7919) % 251))
const mp4 = Buffer.concat([Buffer.from('\0\0\0\x18ftypmp42'), noise])

async function upstreamOf(t: Test, respond: (request: SeenRequest, response: ServerResponse) => void) {
  const server = await startHttp(t, respond)
  const directory = createUpstreamDirectory([settings({ baseUrl: server.baseUrl })], {
    remoteMedia: fakeRemote(mp4),
    logger: noLogger,
    clock: Date,
  })
  t.teardown(() => directory.close())
  return { server, upstream: directory.all()[0]! }
}

async function bytesOf(fetched: VideoFetch): Promise<Buffer | string> {
  return fetched.type === 'body' ? await readAll(fetched.body) : fetched.message
}

t.test('a video that stands in the answer is delivered', async (t) => {
  const base64 = mp4.toString('base64')
  const forms: [what: string, text: string, gzip: boolean][] = [
    ['bare', base64, false],
    ['as a data URL', `data:video/mp4;base64,${base64}`, false],
    ['in lines', base64.replaceAll(/.{76}/g, '$&\n'), false],
    ['compressed', base64, true],
  ]
  for (const [what, text, gzip] of forms) {
    const body = { picture: 'iVBORw0KGgo'.repeat(9000), id: 'v1', status: 'completed', video: { b64: text } }
    const plain = JSON.stringify(body).replaceAll('/', what === 'bare' ? '\\/' : '/')
    const { upstream } = await upstreamOf(t, (_request, response) => {
      response.writeHead(200, gzip ? { 'content-encoding': 'gzip' } : {})
      response.end(gzip ? gzipSync(plain) : plain)
    })
    const report = await upstream.poll({ id: 'v1' })
    t.match(report, { type: 'completed', result: { inline: true } }, what)
    const result = report.type === 'completed' ? report.result : null
    t.ok(JSON.stringify(result).length < 200, 'it is not kept')
    const bytes = await bytesOf(await upstream.fetchVideo({ id: 'v1' }, result))
    t.ok(mp4.equals(Buffer.from(bytes)), `${what}: every byte of it`)
  }
})

t.test('the places that an answer names are tried in turn', async (t) => {
  const { server, upstream } = await upstreamOf(t, ({ url }, response) => {
    if (url === '/files/v1.mp4') response.end(mp4)
    else if (url.endsWith('/content'))
      json(response, 404, { error: { message: 'Invalid URL (GET /v1/videos/v1/content)' } })
    else json(response, 404, { error: { message: 'no' } })
  })
  const result = { url: null, expiresAt: null, others: ['/gone.mp4', '/files/v1.mp4'] }
  t.ok(mp4.equals(Buffer.from(await bytesOf(await upstream.fetchVideo({ id: 'v1' }, result)))))
  t.same(
    server.seen.map(({ url }) => url),
    ['/v1/videos/v1/content', '/gone.mp4', '/files/v1.mp4'],
  )
  const nowhere = await upstream.fetchVideo({ id: 'v1' }, { url: null, expiresAt: null })
  t.match(nowhere, { type: 'unavailable', message: /no such endpoint/ }, 'and not "not ready"')
})

t.test('a video is one whatever its type says', async (t) => {
  for (const type of ['text/html', 'application/json', 'text/plain', 'application/xml']) {
    const { upstream } = await upstreamOf(t, (_request, response) => {
      response.writeHead(200, { 'content-type': type })
      response.end(mp4)
    })
    const fetched = await upstream.fetchVideo({ id: 'v1' }, { url: null, expiresAt: null })
    t.ok(mp4.equals(Buffer.from(await bytesOf(fetched))), type)
  }
})
