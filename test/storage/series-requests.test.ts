import t from 'tap'
import { toGenerationInput } from '../../src/gateway/http/requests/generation-input.ts'
import { toSeriesInput } from '../../src/gateway/http/requests/series-input.ts'
import { GenerateRequest } from '../../src/gateway/http/schemas/generations/generate.ts'
import { SeriesRequest } from '../../src/gateway/http/schemas/series/series-request.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createSeriesStore } from '../../src/gateway/storage/series/series-store.ts'
import { aSeries } from '../fixtures/series.ts'

const image_url = 'https://media.example/a.png'
const generation = `gen_${'0'.repeat(26)}`

/** Everything that a generation may be asked with; `other` has what cannot be said beside it. */
const other = { prompt: 'a mill', size: '1280x720', reference: { image_url, influence: 0.5 } }
const whole = {
  prompt: 'a mill',
  model: 'sora-2',
  duration: 10,
  first_frame: { image_url },
  last_frame: { image_url },
  references: [
    { audio_url: 'https://media.example/a.mp3', role: 'voice', name: 'Mia' },
    { generation_id: generation },
  ],
  audio: true,
  seed: 7,
  negative_prompt: 'fog',
  resolution: '720p',
  aspect_ratio: '16:9',
  options: { kling: { mode: 'pro', steps: 3, fast: true } },
  routing: {
    priority: 'cost',
    upstreams: ['reseller'],
    fallback: false,
    character_fidelity: 'native',
    duration: 'exact',
    on_unknown: 'fail',
    prefer_upstream_of: generation,
    max_cost_usd: 2,
    deadline_seconds: 60,
  },
  webhook_url: 'https://hooks.example/x',
  webhook_events: ['generation.completed'],
  webhook_format: 'openai',
  metadata: { shot: '12b' },
}

t.test('a stored scene asks for everything that its caller asked for', async (t) => {
  const members = Object.keys(GenerateRequest.shape)
  t.same(
    members.filter((member) => !(member in whole || member in other)),
    [],
    'add what is new to `whole`',
  )
  const asked = toSeriesInput(SeriesRequest.parse({ scenes: [whole, other] }))
  const requests = asked.scenes.map(({ request }) => request)
  t.same(requests[0], toGenerationInput(GenerateRequest.parse(whole), null))
  const { webhookEvents: _told, ...plain } = toGenerationInput(GenerateRequest.parse(other), null)
  t.match(requests[1], plain)
  await using database = await openDatabase({ file: ':memory:' })
  const store = createSeriesStore(database)
  const series = aSeries()
  await store.insert(series, requests, { entries: [] })
  t.strictSame(await store.requests(series.id), requests)
})

t.test('settings hold for every scene that does not say otherwise, and routing is merged', async (t) => {
  const {
    prompt,
    webhook_url: _url,
    webhook_events: _events,
    webhook_format: _format,
    metadata: _metadata,
    ...settings
  } = whole
  const own = { prompt, seed: 8, routing: { fallback: true } }
  const merged = toSeriesInput(SeriesRequest.parse({ settings, scenes: [own] })).scenes[0]?.request
  const routing = { ...settings.routing, fallback: true }
  const expected = toGenerationInput(GenerateRequest.parse({ ...settings, prompt, seed: 8, routing }), null)
  t.same(merged, { ...expected, webhookEvents: [] })
  const clash = { settings: { size: '1280x720' }, scenes: [other, { prompt, resolution: '720p' }] }
  const parsed = SeriesRequest.parse(clash)
  const refused = await Promise.resolve(parsed)
    .then(toSeriesInput)
    .catch((error: unknown) => error)
  t.match(refused, { faults: [{ pointer: '/scenes/1/resolution' }] })
  for (const name of ['prompt', 'metadata', 'webhook_url'] as const)
    t.throws(() => SeriesRequest.parse({ settings: { [name]: whole[name] }, scenes: [own] }), name)
})
