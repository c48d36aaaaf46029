import { createHash } from 'node:crypto'
import { jwtVerify } from 'jose'
import t from 'tap'
import type { Test } from 'tap'
import type { CreateCharacterRequest, CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { volcengineAuthorization } from '../../src/gateway/upstreams/signing/volcengine-v4.ts'
import { signWith } from '../../src/gateway/upstreams/signing/signature.ts'
import type { ApiCall } from '../../src/gateway/upstreams/transport/api-call.ts'
import { createResolver } from '../../src/gateway/upstreams/transport/guard/resolver.ts'
import { createTransport } from '../../src/gateway/upstreams/transport/transport.ts'
import { createUpstreamDirectory } from '../../src/gateway/upstreams/upstream-directory.ts'
import { mediaSource, settings, spec } from './fixtures.ts'
import { fakeRemote, json, noLogger, startHttp } from './loopback.ts'

const create: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'm-1',
  prompt: 'a paper boat',
  durationSeconds: 5,
  size: '1280x720',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}
const person: CreateCharacterRequest = {
  name: 'amber',
  description: 'a fox',
  clip: mediaSource(Buffer.from('mp4'), 'video/mp4', 'c.mp4'),
  span: { start: 0, end: 3 },
  fromJob: null,
}
const keyPair = { accessKey: 'ak-of-amber', secretKey: 'sk-of-amber-which-is-long-enough' }
const jobs = {
  create: { path: '/jobs', body: { text: '{{ prompt }}' }, id: 'id' },
  poll: { path: '/jobs/{{ id }}', status: 'status', video: 'video' },
}

function directoryOf(t: Test, changes: Parameters<typeof settings>[0], now = () => Date.now()) {
  const deps = { remoteMedia: fakeRemote(), logger: noLogger, clock: { now } }
  const each = settings({ spec: spec({ dialect: 'made-up', characters: 'native' }), ...changes })
  const directory = createUpstreamDirectory([each], deps)
  t.teardown(() => directory.close())
  return directory.all()[0]!
}

t.test('calls, polls and downloads carry a token of their own moment', async (t) => {
  let at = Date.UTC(2026, 10, 27)
  const server = await startHttp(t, ({ url, method }, response) => {
    if (url.endsWith('.mp4')) response.end('bytes')
    else if (method === 'POST') json(response, 200, { id: 'j1' })
    else json(response, 200, { status: 'completed', video: `${server.baseUrl}/v.mp4` })
  })
  const description = { ...jobs, auth: { key_pair: { scheme: 'hs256-token' } } }
  const upstream = directoryOf(t, { baseUrl: server.baseUrl, apiKey: null, keyPair, description }, () => at)
  await upstream.create(create)
  at += 3_600_000
  const report = await upstream.poll({ id: 'j1' })
  at += 3_600_000
  const video = await upstream.fetchVideo({ id: 'j1' }, report.type === 'completed' ? report.result : null)
  t.equal(video.type, 'body')
  if (video.type === 'body') for await (const chunk of video.body) t.ok(chunk.length > 0)
  t.equal(server.seen.length, 3)
  for (const [hours, { headers }] of server.seen.entries()) {
    const token = String(headers['authorization']).replace('Bearer ', '')
    const currentDate = new Date(Date.UTC(2026, 10, 27, hours))
    const secret = new TextEncoder().encode(keyPair.secretKey)
    const { payload } = await jwtVerify(token, secret, { issuer: keyPair.accessKey, currentDate })
    t.equal(payload.exp, Date.UTC(2026, 10, 27, hours) / 1000 + 1800)
  }
})

t.test('the same dialect takes a single key as a bearer token', async (t) => {
  const server = await startHttp(t, (_request, response) => json(response, 200, { id: 'j1' }))
  const description = { ...jobs, auth: { key_pair: { scheme: 'hs256-token' } } }
  await directoryOf(t, { baseUrl: server.baseUrl, apiKey: 'plain-key', description }).create(create)
  t.equal(server.seen[0]?.headers['authorization'], 'Bearer plain-key')
})

t.test(
  'calls to a service go to its own host, signed over what is sent; keys stay with their hosts',
  async (t) => {
    const at = Date.UTC(2026, 10, 27, 8, 5, 9)
    const server = await startHttp(t, (_request, response) => json(response, 200, { id: 'j1' }))
    const library = await startHttp(t, ({ url }, response) =>
      json(response, 200, { Id: url.includes('Group') ? 'group-1' : 'asset-1', Status: 'Active' }),
    )
    const key_pair = { scheme: 'volcengine-v4', service: 'ark', region: 'cn-beijing' }
    const description = {
      ...jobs,
      services: { assets: { base_url: `${library.baseUrl}/`, key_pair } },
      characters: {
        create: {
          before: {
            service: 'assets',
            path: '/?Action=CreateAssetGroup&Version=2024-01-01',
            body: { Name: '{{ name }}' },
            keep: { group: 'Id' },
          },
          service: 'assets',
          path: '/?Action=CreateAsset&Version=2024-01-01',
          body: { GroupId: '{{ group }}', URL: '{{ clip.url }}' },
          id: 'Id',
        },
        poll: {
          service: 'assets',
          method: 'POST',
          path: '/?Action=GetAsset&Version=2024-01-01',
          body: { Id: '{{ id }}' },
          handle: "Status == 'Active' && Id",
        },
      },
    }
    const upstream = directoryOf(
      t,
      { baseUrl: server.baseUrl, apiKey: 'plain-key', keyPair, description },
      () => at,
    )
    await upstream.create(create)
    const made = await upstream.createCharacter(person)
    t.match(made, { type: 'pending', operation: { id: 'asset-1' } })
    t.match(await upstream.pollCharacter({ id: 'asset-1' }), { type: 'ready', handle: 'asset-1' })
    t.equal(server.seen.length, 1)
    t.equal(server.seen[0]?.headers['authorization'], 'Bearer plain-key')
    t.equal(library.seen.length, 3)
    for (const { method, url, headers, body } of library.seen) {
      const signed = ['content-type', 'host', 'x-content-sha256', 'x-date']
      const bodyHash = createHash('sha256').update(body).digest('hex')
      t.equal(headers['x-content-sha256'], bodyHash)
      const received = Object.fromEntries(signed.map((name) => [name, String(headers[name])]))
      const request = { method, path: url, headers: received, bodyHash }
      const scope = { service: 'ark', region: 'cn-beijing' }
      const wanted = volcengineAuthorization(request, scope, { pair: keyPair, date: '20261127T080509Z' })
      t.equal(headers['authorization'], wanted)
    }
  },
)

t.test('a body whose bytes nobody has seen is not sent under a signature that would be wrong', async (t) => {
  const server = await startHttp(t, (_request, response) => json(response, 200, {}))
  const sign = signWith({ scheme: 'volcengine-v4', service: 'ark', region: 'cn-beijing' }, keyPair)
  const resolver = createResolver({ asksSystem: true })
  const transport = createTransport(
    {
      baseUrl: server.baseUrl,
      apiKey: null,
      sign: (request) => sign(request, Date.now()),
      connectMs: 2000,
      fetchHeadersMs: 2000,
      fetchIdleMs: 2000,
    },
    { remoteMedia: fakeRemote(), resolver },
  )
  t.teardown(async () => {
    await transport.close()
    resolver.close()
  })
  const call: ApiCall = {
    method: 'POST',
    path: '/',
    body: { type: 'multipart', parts: [{ name: 'a', value: 'b' }] },
  }
  t.match(await transport.send(call, 2000), { type: 'not_sent', message: /could not be signed/ })
  t.equal(server.seen.length, 0)
  t.match(await transport.send({ ...call, body: null }, 2000), { type: 'answer' })
})
