import t from 'tap'
import { CharacterDto } from '../../src/gateway/http/schemas/characters/character.ts'
import { UpstreamList } from '../../src/gateway/http/schemas/operations/upstream.ts'
import { form } from './forms.ts'
import { characterId, generationId } from './samples.ts'
import { asMaker, createStubs, serve } from './stub-services.ts'

const video = { name: 'video', value: 'bytes', filename: 'clip.mp4', type: 'video/mp4' }
const name = { name: 'name', value: 'coffee_girl' }

t.test('a character is made from a URL, a generation or a file', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const make = async (payload: object) =>
    app.inject({ method: 'POST', url: '/characters', headers: asMaker, payload })
  const url = 'https://a.example/v.mp4'
  const answer = await make({
    name: 'coffee_girl',
    description: 'in green',
    video_url: url,
    clip: { start: 1, end: 4 },
  })
  t.equal(answer.statusCode, 201)
  t.equal(answer.headers.location, `/characters/${characterId}`)
  t.strictSame(CharacterDto.parse(answer.json()), answer.json())
  t.notMatch(answer.body, /secret|media_clip/)
  await make({ name: 'coffee_girl', generation_id: generationId })
  const sent = form([video, name, { name: 'clip_end', value: '2.5' }])
  await app.inject({
    method: 'POST',
    url: '/characters',
    payload: sent.payload,
    headers: { ...asMaker, ...sent.headers },
  })
  t.match(stubs.seen.characters, [
    {
      name: 'coffee_girl',
      description: 'in green',
      source: { type: 'url', url },
      clip: { start: 1, end: 4 },
    },
    { description: '', source: { type: 'generation', generationId }, clip: null },
    {
      source: { type: 'upload', fileName: 'clip.mp4', stored: { mediaId: 'media_0' } },
      clip: { start: 0, end: 2.5 },
    },
  ])
  t.strictSame(stubs.seen.discarded, [], 'and the file is kept')
})

t.test('the file of a character that came to nothing is discarded', async (t) => {
  const stubs = createStubs()
  stubs.characters.create = async () => {
    throw new Error('the store is gone')
  }
  const app = await serve(t, stubs)
  const sent = form([video, name, { name: 'clip', value: '{"start":0,"end":1}' }])
  const answer = await app.inject({
    method: 'POST',
    url: '/characters',
    payload: sent.payload,
    headers: { ...asMaker, ...sent.headers },
  })
  t.equal(answer.statusCode, 500)
  t.strictSame(stubs.seen.discarded, ['media_0'])
})

t.test('the registry is reached by id and by name', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const headers = asMaker
  const answers = [
    await app.inject({ url: '/characters?search=green&limit=3', headers }),
    await app.inject({ url: `/characters/${characterId}`, headers }),
    await app.inject({ url: '/characters/coffee_girl', headers }),
    await app.inject({
      method: 'PATCH',
      url: '/characters/coffee_girl',
      headers,
      payload: { name: 'tea_girl' },
    }),
    await app.inject({
      method: 'POST',
      url: '/characters/coffee_girl/bindings',
      headers,
      payload: { upstreams: ['a'] },
    }),
    await app.inject({ method: 'POST', url: '/characters/coffee_girl/bindings', headers }),
    await app.inject({ method: 'DELETE', url: '/characters/coffee_girl', headers }),
  ]
  t.strictSame(
    answers.map((answer) => answer.statusCode),
    [200, 200, 200, 200, 200, 200, 204],
  )
  t.match(answers[0]?.json(), { data: [{ id: characterId }], has_more: false, next_cursor: null })
  t.strictSame(stubs.seen.calls, [
    'list {"search":"green","before":null,"limit":3}',
    `get ${characterId}`,
    'get coffee_girl',
    'update coffee_girl {"name":"tea_girl","description":null}',
    'bind coffee_girl ["a"]',
    'bind coffee_girl null',
    'remove coffee_girl',
  ])
})

t.test('a change or a binding with a fault changes nothing', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  for (const [method, url, payload, pointer] of [
    ['PATCH', '/characters/coffee_girl', {}, ''],
    ['PATCH', '/characters/coffee_girl', { name: 'X' }, '/name'],
    ['PATCH', '/characters/coffee_girl', { clip: {} }, '/clip'],
    ['POST', '/characters/coffee_girl/bindings', { upstreams: [] }, '/upstreams'],
    ['POST', '/characters/coffee_girl/bindings', { upstream: 'a' }, '/upstream'],
  ] as const) {
    const answer = await app.inject({ method, url, headers: asMaker, payload })
    t.match(answer.json(), { status: 400, code: 'validation_failed', errors: [{ pointer }] })
  }
  const sent = form([name])
  const asForm = await app.inject({
    method: 'PATCH',
    url: '/characters/coffee_girl',
    payload: sent.payload,
    headers: { ...asMaker, ...sent.headers },
  })
  t.equal(asForm.statusCode, 415)
  t.strictSame(stubs.seen.calls, [])
})

t.test('upstreams show what they can do and how they are, and no vendor names', async (t) => {
  const app = await serve(t)
  const answer = await app.inject({ url: '/upstreams', headers: asMaker })
  t.strictSame(UpstreamList.parse(answer.json()), answer.json())
  t.match(answer.json().data[0], {
    id: 'openai',
    models: ['sora-2'],
    pictures: [{ resolution: '720p', lengths: [{ durations: [4, 8, 12] }] }],
    inputs: { first_frame: false, seed: 'dropped' },
    price: { type: 'per_second', usd: { default: 0.1 } },
    health: { latency_seconds: 84, success_rate: 0.97, unexplained_failures: 3 },
    breakers: { create: { state: 'open', retry_at: '2026-11-22T15:04:05.000Z' }, poll: { retry_at: null } },
  })
  t.notMatch(answer.body, /their-sora/)
})

t.test('readiness is 503 with the reasons when work cannot be taken', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  t.equal((await app.inject('/health/live')).statusCode, 200)
  t.match((await app.inject('/health/ready')).json(), { status: 'ready' })
  stubs.operations.readiness = async () => ({
    ready: false,
    checks: [{ name: 'media', ok: false, detail: 'disk full' }],
  })
  const sick = await serve(t, stubs)
  const answer = await sick.inject('/health/ready')
  t.equal(answer.statusCode, 503)
  t.strictSame(answer.json(), {
    status: 'not_ready',
    checks: [{ name: 'media', ok: false, detail: 'disk full' }],
  })
})
