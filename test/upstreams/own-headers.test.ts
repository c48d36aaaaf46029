import t from 'tap'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import type { CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { createUpstreamDirectory } from '../../src/gateway/upstreams/upstream-directory.ts'
import { knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { upstreamSettings } from '../../src/gateway/wiring/configured.ts'
import { settings, spec } from './fixtures.ts'
import { fakeRemote, json, noLogger, startHttp } from './loopback.ts'

const request: CreateRequest = {
  idempotencyKey: 'k',
  model: 'm',
  prompt: 'a paper boat',
  durationSeconds: 8,
  size: '1280x720',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}
const deps = { remoteMedia: fakeRemote(), logger: noLogger, clock: Date }

t.test('LiteLLM is told not to repeat a create', async (t) => {
  const server = await startHttp(t, (_request, response) =>
    json(response, 500, { error: { message: 'litellm.InternalServerError: Cannot connect to host x:443' } }),
  )
  const directory = createUpstreamDirectory([settings({ baseUrl: server.baseUrl, profile: 'litellm' })], deps)
  t.teardown(() => directory.close())
  const upstream = directory.all()[0]!
  t.match(await upstream.create(request), { type: 'never_sent' })
  t.match(await upstream.listRecent(0), { type: 'unsupported' })
  t.match(server.seen[0], {
    headers: { 'x-litellm-num-retries': '0', authorization: 'Bearer test-key-1' },
  })
})

function load(extra: string) {
  const text = `upstreams:
  - id: a
    kind: reverse
    dialect: openai-videos
    base_url: https://a.example/v1
    api_key: vendor-key-1
    models: { m: m }
    price: { per_request_usd: 0.1 }
${extra}`
  return loadConfig({ text, fileName: 'x.yaml', env: { TOKEN: 'a-secret-of-ours' }, knownDialects })
}

t.test('headers of an upstream go with every request, and are shown to nobody', async (t) => {
  const loaded = load('    headers: { X-Team: "${TOKEN}", x-litellm-tags: video }')
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  t.notMatch(JSON.stringify(loaded.config), /a-secret-of-ours/)
  const server = await startHttp(t, (_request, response) =>
    json(response, 400, { error: { message: 'bad header a-secret-of-ours' } }),
  )
  const [own] = upstreamSettings(loaded.config, loaded.secrets)
  const directory = createUpstreamDirectory([{ ...own!, baseUrl: server.baseUrl }], deps)
  t.teardown(() => directory.close())
  const outcome = await directory.all()[0]!.create(request)
  t.match(server.seen[0], {
    headers: {
      'x-team': 'a-secret-of-ours',
      'x-litellm-tags': 'video',
      authorization: 'Bearer vendor-key-1',
    },
  })
  t.notMatch(JSON.stringify(outcome), /a-secret-of-ours/)
})

t.test('headers that the gateway sets, and words for nothing, are refused', async (t) => {
  for (const name of ['Authorization', 'Host', 'Content-Length', 'transfer-encoding'])
    t.notOk(load(`    headers: { ${name}: x }`).ok, name)
  t.notOk(load('    answers: { refusd: [x] }').ok)
  t.notOk(load('    answers: { words: { complete: [x] } }').ok)
  t.notOk(load('    answers: { refused: [] }').ok)
  t.ok(load('    answers: { refused: [house rule 7], words: { completed: [plated] } }').ok)
})

t.test('a request id that a description asks for is another one with every request', async (t) => {
  const server = await startHttp(t, ({ url }, response) =>
    json(response, 200, url.includes('/upload') ? { img: 1 } : { id: 'j', state: 'running' }),
  )
  const description = {
    request_id_header: 'X-Trace-Id',
    create: {
      before: { path: '/upload', body: {}, keep: { img: 'img' } },
      path: '/jobs',
      body: { text: '{{ prompt }}', img: '{{ img }}' },
      id: 'id',
    },
    poll: { path: '/jobs/{{ id }}', status: 'state', video: 'url' },
  }
  const own = settings({ spec: spec({ dialect: 'made-up' }), description })
  const directory = createUpstreamDirectory([{ ...own, baseUrl: server.baseUrl }], deps)
  t.teardown(() => directory.close())
  const upstream = directory.all()[0]!
  for (let time = 0; time < 2; time += 1) {
    t.match(await upstream.create(request), { type: 'accepted' }, 'also where the same create is sent again')
    await upstream.poll({ id: 'j' })
  }
  const ids = server.seen.map(({ headers }) => String(headers['x-trace-id']))
  t.equal(ids.length, 6)
  t.equal(new Set(ids).size, 6)
  for (const id of ids) t.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
