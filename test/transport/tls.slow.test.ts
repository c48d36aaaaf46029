import { createServer } from 'node:https'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import t from 'tap'
import type { Test } from 'tap'
import { createRemoteMedia } from '../../src/gateway/upstreams/transport/guard/remote-media.ts'
import { createRemotePost } from '../../src/gateway/upstreams/transport/guard/remote-post.ts'
import { createTransport } from '../../src/gateway/upstreams/transport/transport.ts'
import { issue } from '../fixtures/certificates.ts'
import type { Certificate } from '../fixtures/certificates.ts'
import { fakeResolver } from '../fixtures/fake-resolver.ts'
import { fakeRemote, listen } from '../upstreams/loopback.ts'

const name = 'video.example'
const longMs = 20_000
const message = { headers: {}, body: '{}' }
const soon = (): AbortSignal => AbortSignal.timeout(longMs)

const trusted = await issue({ name: 'An authority' })
const stranger = await issue({ name: 'Another authority' })
setDefaultCACertificates([...getCACertificates(), trusted.cert])

/** A host with this certificate, the ways to it, and how many requests it has read. */
async function start(t: Test, { cert, key }: Certificate) {
  let requests = 0
  const server = createServer({ cert, key }, (request, response) => {
    requests += 1
    request.resume()
    response.end('hello')
  })
  const { port } = await listen(t, server)
  const resolver = fakeResolver({ [name]: [['127.0.0.1']] })
  const options = {
    allowPrivateHosts: [name],
    connectMs: longMs,
    headersMs: longMs,
    bodyIdleMs: longMs,
    resolver,
  }
  const media = createRemoteMedia({ ...options, maxRedirects: 0 })
  const post = createRemotePost(options)
  const url = `https://${name}:${port}`
  const times = { connectMs: longMs, fetchHeadersMs: longMs, fetchIdleMs: longMs }
  const transport = createTransport(
    { baseUrl: `${url}/v1`, apiKey: 'secret-key', ...times },
    { remoteMedia: fakeRemote(), resolver },
  )
  t.teardown(() => Promise.all([media.close(), post.close(), transport.close()]))
  return { media, post, transport, url, requests: () => requests }
}

t.test('a host whose certificate is in order is talked to', async (t) => {
  const { media, post, transport, url } = await start(t, await issue({ name, by: trusted }))
  t.match(await media.fetch(url, soon()), { type: 'body', bytes: 5 })
  t.match(await post.post(url, message, soon()), { type: 'answered', status: 200 })
  t.match(await transport.send({ method: 'POST', path: '/videos', body: null }, longMs), { type: 'answer' })
  t.match(await transport.download({ type: 'path', path: '/v.mp4' }), { type: 'body' })
})

const table: [what: string, certificate: Certificate, code: string][] = [
  ['has expired', await issue({ name, by: trusted, from: -10, until: -5 }), 'CERT_HAS_EXPIRED'],
  ['is not valid yet', await issue({ name, by: trusted, from: 5, until: 10 }), 'CERT_NOT_YET_VALID'],
  ['signs itself', await issue({ name }), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ['is of an unknown authority', await issue({ name, by: stranger }), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  [
    'is for another name',
    await issue({ name: 'other.example', by: trusted }),
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ],
]

for (const [what, certificate, code] of table) {
  t.test(`to a host whose certificate ${what}, nothing is sent, and the reason is named`, async (t) => {
    const { media, post, transport, url, requests } = await start(t, certificate)
    t.same(await media.fetch(url, soon()), {
      type: 'failed',
      message: `The URL could not be fetched (${code}).`,
    })
    t.same(await post.post(url, message, soon()), {
      type: 'failed',
      message: `No response was received (${code}).`,
    })
    t.same(await transport.send({ method: 'POST', path: '/videos', body: null }, longMs), {
      type: 'not_sent',
      reason: 'tls',
      message: `The TLS handshake failed (${code}).`,
    })
    t.same(await transport.download({ type: 'path', path: '/v.mp4' }), {
      type: 'failed',
      message: `The video could not be fetched (${code}).`,
    })
    t.equal(requests(), 0)
  })
}
