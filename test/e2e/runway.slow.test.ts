import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { serveCallerFiles } from './caller-files.ts'
import { official, startGateway } from './gateway.ts'

/** Runway, as docs/vendors/video-apis.md#runway has it: its own model, one that edits, and one of another vendor. */
const common: SimulatedUpstream = {
  ...official,
  dialect: 'runway',
  apiKey: 'runway-key-0001',
  durations: [5],
  sizes: ['320x180', '180x320'],
  price: { perSecondUsd: { default: 0.1 } },
}
const models = { gen: 'gen4.5', seedance: 'seedance2', aleph: 'aleph2' }
const upstreams = Object.entries(models).map(([id, model]) => ({
  ...common,
  id,
  models: [model],
  // Long enough for a task to be asked about and stopped.
  ...(id === 'gen' && { render: { polls: 8 } }),
}))

const { at, bytesOf } = await serveCallerFiles(t)
const usual = { price: { per_second_usd: { default: 0.1 }, charged_on: 'success' } }
const gateway = await startGateway(t, {
  upstreams,
  patient: true,
  settings: {
    gen: {
      ...usual,
      models: { 'sora-2': 'gen4.5' },
      characters: 'none',
      references: [],
      capabilities: { references: {}, last_frame: 'none', audio: 'never' },
    },
    seedance: {
      ...usual,
      models: { 'sora-2': 'seedance2' },
      characters: 'reference',
      references: ['image', 'video'],
    },
    aleph: {
      ...usual,
      models: { 'sora-2': 'aleph2' },
      characters: 'none',
      references: ['video'],
      capabilities: {
        first_frame: false,
        last_frame: 'none',
        references: { video: { max: 1 } },
        audio: 'never',
      },
    },
  },
})
const lastRender = (id: string) => gateway.simulator.control.renders(id).at(-1)
const scene = (id: string) => ({ duration: 5, size: '320x180', routing: { upstreams: [id] } })
const clip = `${gateway.simulator.origin}/clips/mossy.mp4?seconds=3&size=320x240`

t.test('a scene between two frames, with sound and a seed', async (t) => {
  const made = await gateway.generate({
    ...scene('seedance'),
    prompt: 'a boat crosses the bay',
    first_frame: { image_url: at('/first.png') },
    last_frame: { image_url: at('/last.png') },
    audio: true,
    seed: 7,
  })
  t.match(made, { status: 'completed', warnings: { length: 0 }, cost_usd: 0.5 })
  t.match(lastRender('seedance'), {
    size: '320x180',
    inputs: [
      { role: 'first_frame', kind: 'image', bytes: bytesOf('/first.png') },
      { role: 'last_frame', kind: 'image', bytes: bytesOf('/last.png') },
    ],
    extras: { audio: true, seed: 7, endpoint: 'image_to_video' },
  })
  const video = await gateway.call('GET', `/generations/${made.id}/video`)
  t.equal(video.body.subarray(4, 8).toString(), 'ftyp')
})

t.test('a first frame alone, for its own model', async (t) => {
  const first_frame = { image_url: at('/first.png') }
  const made = await gateway.generate({ ...scene('gen'), prompt: 'a boat', first_frame })
  t.match(made, { status: 'completed' })
  t.match(lastRender('gen'), { inputs: [{ role: 'first_frame' }], extras: { endpoint: 'image_to_video' } })
  const last_frame = { image_url: at('/last.png') }
  const route = await gateway.call('POST', '/route', {
    ...scene('gen'),
    prompt: 'a boat',
    first_frame,
    last_frame,
  })
  const excluded = route.body.excluded.find(({ upstream }: { upstream: string }) => upstream === 'gen')
  t.match(excluded, { code: 'input_unsupported', detail: /last frame/ })
})

t.test('a scene with a character, shown by its clip, and one with a picture and a voice', async (t) => {
  const character = await gateway.call('POST', '/characters', {
    name: 'mossy',
    description: 'a moss troll with a lantern',
    video_url: clip,
  })
  t.equal(character.status, 201)
  const made = await gateway.generate({ ...scene('seedance'), prompt: '@mossy walks on the beach' })
  t.match(made, { status: 'completed', characters: [{ fidelity: 'reference' }] })
  t.match(lastRender('seedance'), {
    inputs: [{ role: 'reference', kind: 'video' }],
    extras: { endpoint: 'text_to_video' },
  })
  const references = [{ image_url: at('/woman.png'), role: 'subject' }, { audio_url: at('/voice.wav') }]
  t.match(await gateway.generate({ ...scene('seedance'), prompt: 'a woman sings', references }), {
    status: 'completed',
  })
  t.match(lastRender('seedance')?.inputs, [
    { role: 'reference', kind: 'image', bytes: bytesOf('/woman.png') },
    { role: 'reference', kind: 'audio', bytes: bytesOf('/voice.wav') },
  ])
})

t.test('an edit of a video', async (t) => {
  const made = await gateway.generate({
    ...scene('aleph'),
    prompt: 'at night',
    references: [{ video_url: clip, role: 'motion' }],
  })
  t.match(made, { status: 'completed' })
  t.match(lastRender('aleph'), {
    inputs: [{ role: 'reference', kind: 'video' }],
    extras: { endpoint: 'video_to_video' },
  })
})

t.test('a cancelled task is stopped there, and costs nothing', async (t) => {
  const { body } = await gateway.call('POST', '/generate', { ...scene('gen'), prompt: 'a long walk' })
  const asked = () => gateway.simulator.control.requests()['gen']?.poll ?? 0
  const before = asked()
  while (asked() === before) await gateway.advance(1000)
  const cancelled = await gateway.call('POST', `/generations/${body.id}/cancel`)
  t.equal(cancelled.body.status, 'cancelled')
  for (let step = 0; step < 60; step += 1) await gateway.advance(1000)
  t.match(lastRender('gen'), { failure: { code: 'CANCELLED' }, billedUsd: 0 })
  const { body: after } = await gateway.call('GET', `/generations/${body.id}`)
  t.match(after, { status: 'cancelled', cost_usd: 0 })
})

t.test('a refusal is final, early and late', async (t) => {
  for (const prompt of ['something forbidden', 'forbidden-late']) {
    const refused = await gateway.generate({ ...scene('seedance'), prompt })
    t.match(refused, { status: 'failed', attempts: [{ failure: { code: 'refused' } }] }, prompt)
    t.equal(refused.attempts.length, 1)
  }
})
