import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { aClipOfScenes, aScene } from '../fixtures/scenes.ts'
import { aSound } from '../fixtures/sounds.ts'
import { official, startGateway } from './gateway.ts'
import { finishedSeries, makeSeries } from './series-stage.ts'

const common = { ...official, durations: [5], sizes: ['1280x720', '720x1280'] }
const dialectOf = (id: 'kling' | 'vidu' | 'xai' | 'ark-tasks', more: Partial<SimulatedUpstream> = {}) => ({
  ...common,
  id,
  dialect: id,
  apiKey: `${id}-key-00001`,
  ...more,
})
const upstreams: SimulatedUpstream[] = [
  dialectOf('kling', { models: ['kling-v3-omni'], characters: true }),
  dialectOf('vidu', { models: ['viduq2-pro', 'viduq2'], characters: true }),
  dialectOf('xai'),
  dialectOf('ark-tasks'),
  { ...common, id: 'openai' },
]
const price = { per_second_usd: { default: 0.1 }, charged_on: 'success' }
const gateway = await startGateway(t, {
  upstreams,
  patient: true,
  settings: {
    kling: {
      models: { 'sora-2': 'kling-v3-omni' },
      characters: 'native',
      references: [],
      sizes: undefined,
      price,
    },
    vidu: {
      models: { 'sora-2': 'viduq2-pro' },
      characters: 'native',
      references: [],
      capabilities: { resolutions: ['720p'], aspect_ratios: ['16:9', '9:16'] },
      sizes: undefined,
      price,
    },
    xai: { characters: 'stills', references: ['image'], price },
    'ark-tasks': { characters: 'reference', references: ['image', 'video'], price },
    openai: { characters: 'reference', references: ['image', 'video'], price },
  },
})
const { control } = gateway.simulator
const last = (id: string) => control.renders(id).at(-1)

async function makeOfClip(name: string, description: string): Promise<void> {
  const clip = await aClipOfScenes([
    { pattern: 'squares', blur: 0 },
    { pattern: 'discs', blur: 0 },
    { pattern: 'stripes', blur: 14 },
  ])
  const form = new FormData()
  form.set('name', name)
  form.set('description', description)
  form.set('voice', new Blob([new Uint8Array(aSound(1))]), 'voice.wav')
  form.set('video', new Blob([new Uint8Array(clip)]), 'clip.mp4')
  const made = await gateway.call('POST', '/characters', form)
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
}

async function makeOfPictures(name: string): Promise<void> {
  const form = new FormData()
  form.set('name', name)
  form.set('description', 'a painted fox')
  for (const pattern of ['squares', 'discs'] as const) {
    const bytes = await aScene({ pattern, blur: 0 })
    form.append('pictures', new Blob([new Uint8Array(bytes)]), `${pattern}.png`)
  }
  const made = await gateway.call('POST', '/characters', form)
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
}

const on = (id: string, prompt: string) => ({ prompt, duration: 5, routing: { upstreams: [id] } })

t.test(
  'one character, made once, plays in one series on vendors that store it, see pictures, see its clip, and speak OpenAI’s protocol',
  async (t) => {
    await makeOfClip('amber', 'a woman in green')
    const ids = ['kling', 'vidu', 'xai', 'ark-tasks', 'openai']
    const asked = {
      characters: ['amber'],
      scenes: ids.map((id) => ({ id, ...on(id, `@amber walks to ${id}`) })),
      max_cost_usd: 20,
    }
    const series = await makeSeries(gateway, asked)
    const ended = await finishedSeries(gateway, series.id)
    t.match(ended, { status: 'completed', counts: { completed: ids.length } })
    const made = new Map<string, any>()
    for (const scene of ended.scenes)
      made.set(scene.id, (await gateway.call('GET', `/generations/${scene.generation_id}`)).body)
    t.same(
      ids.map((id) => [id, made.get(id).attempts[0].upstream, made.get(id).characters[0].fidelity]),
      [
        ['kling', 'kling', 'native'],
        ['vidu', 'vidu', 'native'],
        ['xai', 'xai', 'inline'],
        ['ark-tasks', 'ark-tasks', 'reference'],
        ['openai', 'openai', 'reference'],
      ],
    )
    t.match(last('kling'), { prompt: /^<<<element_1>>> walks/, characters: [/^\d+$/] })
    t.match(last('vidu'), { prompt: /^@1 walks/ })
    t.match(last('xai'), {
      prompt: 'amber (as shown in reference images 1 and 2: a woman in green) walks to xai',
      inputs: [
        { role: 'reference', kind: 'image' },
        { role: 'reference', kind: 'image' },
      ],
    })
    t.match(made.get('xai').warnings.at(-1), { code: 'character_stills_used', detail: /@amber/ })
    t.match(last('ark-tasks'), { reference: { kind: 'video' } })
    t.match(
      last('ark-tasks')?.inputs?.find(({ kind }) => kind === 'audio'),
      { role: 'reference', bytes: aSound(1).length },
      'her voice goes to the one that takes voices',
    )
    t.match(last('openai'), { reference: { kind: 'video' } })
    const { stills } = (await gateway.call('GET', '/characters/amber')).body
    t.same(
      last('xai')?.inputs?.map(({ bytes }) => bytes),
      stills.pictures.map(({ bytes }: { bytes: number }) => bytes),
    )
    for (const id of ['kling', 'vidu']) t.equal(control.requests()[id]?.character_create, 1, id)
  },
)

t.test(
  'the stills that people gave are the ones that are sent, behind the references of the request',
  async (t) => {
    await makeOfPictures('fox')
    const woman = await aScene({ pattern: 'stripes', blur: 0 })
    const form = new FormData()
    form.set('prompt', '@fox looks back')
    form.set('references', JSON.stringify([{ file: 'style.png', role: 'style' }]))
    form.append('files', new Blob([new Uint8Array(woman)]), 'style.png')
    form.set('duration', '5')
    form.set('routing', JSON.stringify({ upstreams: ['xai'] }))
    const { status, body } = await gateway.call('POST', '/generate', form)
    t.equal(status, 202)
    const generation = await gateway.finished(body.id)
    t.match(generation, { status: 'completed', characters: [{ fidelity: 'inline' }] })
    t.match(last('xai'), { prompt: 'fox (as shown in reference images 2 and 3: a painted fox) looks back' })
    const { stills } = (await gateway.call('GET', '/characters/fox')).body
    t.same(
      last('xai')?.inputs?.map(({ bytes }) => bytes),
      [woman.length, ...stills.pictures.map(({ bytes }: { bytes: number }) => bytes)],
    )
  },
)

t.test('vendors that store characters make them of pictures too, once', async (t) => {
  for (const id of ['kling', 'vidu']) {
    const before = control.requests()[id]?.character_create ?? 0
    const generation = await gateway.generate(on(id, '@fox runs'))
    t.match(
      generation,
      { status: 'completed', characters: [{ fidelity: 'native' }], warnings: { length: 0 } },
      id,
    )
    t.equal(control.requests()[id]?.character_create, before + 1, id)
  }
  const { bindings } = (await gateway.call('GET', '/characters/fox')).body
  t.same(
    bindings.map(({ upstream, state, clip }: Record<string, unknown>) => [upstream, state, clip]),
    [
      ['kling', 'ready', null],
      ['vidu', 'ready', null],
    ],
  )
})

t.test(
  'vendors that need a clip are excluded for a character without one, and the route says so',
  async (t) => {
    const scene = { prompt: '@fox waves', duration: 5 }
    const { body } = await gateway.call('POST', '/route', scene)
    t.same(
      body.candidates.map(({ upstream, fidelity }: Record<string, string>) => [upstream, fidelity]),
      [
        ['kling', 'native'],
        ['vidu', 'native'],
        ['xai', 'inline'],
      ],
    )
    for (const id of ['ark-tasks', 'openai'])
      t.match(
        body.excluded.find(({ upstream }: { upstream: string }) => upstream === id),
        { code: 'character_unsupported', detail: /made from pictures/ },
        id,
      )
    const native = { ...scene, routing: { character_fidelity: 'native', upstreams: ['xai', 'openai'] } }
    t.match(await gateway.call('POST', '/route', native), { status: 422, body: { code: 'no_upstream' } })
  },
)
