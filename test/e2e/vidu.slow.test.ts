import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { serveCallerFiles } from './caller-files.ts'
import { official, startGateway } from './gateway.ts'

/** Vidu, as docs/vendors/video-apis.md#vidu has it. */
const vidu: SimulatedUpstream = {
  ...official,
  id: 'vidu',
  dialect: 'vidu',
  apiKey: 'vidu-key-0001',
  models: ['viduq2-pro', 'viduq2'],
  durations: [5],
  sizes: ['960x540', '540x960'],
  price: { perSecondUsd: { default: 0.1 } },
  characters: true,
}

const { at, bytesOf } = await serveCallerFiles(t)
const gateway = await startGateway(t, {
  upstreams: [vidu],
  patient: true,
  settings: {
    vidu: {
      models: { 'sora-2': 'viduq2-pro' },
      characters: 'native',
      references: ['image', 'video'],
      capabilities: { resolutions: ['540p'], aspect_ratios: ['16:9', '9:16'] },
      price: { per_second_usd: { default: 0.1 }, charged_on: 'success' },
    },
  },
})
const scene = { duration: 5, resolution: '540p' }
const lastRender = () => gateway.simulator.control.renders('vidu').at(-1)

t.test('a scene between two frames, with sound, at half of the price', async (t) => {
  const made = await gateway.generate({
    ...scene,
    prompt: 'a boat crosses the bay',
    first_frame: { image_url: at('/first.png') },
    last_frame: { image_url: at('/last.png') },
    audio: true,
    seed: 7,
    options: { vidu: { off_peak: true } },
  })
  t.match(made, { status: 'completed', cost_usd: 0.25 })
  t.same(made.warnings, [])
  t.match(lastRender(), {
    inputs: [
      { role: 'first_frame', kind: 'image', bytes: bytesOf('/first.png') },
      { role: 'last_frame', kind: 'image', bytes: bytesOf('/last.png') },
    ],
    extras: { audio: true, seed: 7, off_peak: true },
    billedUsd: 0.25,
  })
  const video = await gateway.call('GET', `/generations/${made.id}/video`)
  t.equal(video.body.subarray(4, 8).toString(), 'ftyp')
})

t.test('a scene with a stored subject, and the same one again', async (t) => {
  const character = await gateway.call('POST', '/characters', {
    name: 'mossy',
    description: 'a moss troll with a lantern',
    video_url: `${gateway.simulator.origin}/clips/mossy.mp4?seconds=3&size=320x240`,
  })
  t.equal(character.status, 201)
  for (const prompt of ['@mossy walks on the beach', '@mossy sleeps']) {
    const made = await gateway.generate({ ...scene, prompt })
    t.match(made, { status: 'completed', characters: [{ fidelity: 'native' }] })
    t.same(made.warnings, [])
    const [subject] = gateway.simulator.control.characters()
    t.match(lastRender(), { prompt: prompt.replace('@mossy', '@1'), characters: [subject?.id], inputs: [] })
  }
  t.equal(gateway.simulator.control.requests()['vidu']?.character_create, 1, 'it was made once')
})

t.test('a scene with a picture to go by, and one from words alone', async (t) => {
  const references = [{ image_url: at('/woman.png'), role: 'subject' }]
  t.match(await gateway.generate({ ...scene, prompt: 'a woman sings', references }), { status: 'completed' })
  t.match(lastRender()?.inputs, [{ role: 'reference', kind: 'image', bytes: bytesOf('/woman.png') }])
  const rain = await gateway.generate({ ...scene, prompt: 'rain' })
  t.match(rain, { status: 'completed' })
  t.same(rain.warnings, [], 'the other name of the model is no other model')
  t.match(lastRender(), { model: 'viduq2', size: '960x540' })
})

t.test('what Vidu cannot be asked for is told before anything is sent', async (t) => {
  const before = gateway.simulator.control.requests()['vidu']?.create
  const first_frame = { image_url: at('/first.png') }
  const rows: [body: object, detail: RegExp][] = [
    [{ prompt: '@mossy waves', first_frame }, /first_frame and characters/],
    [{ prompt: '@mossy waves', references: [{ image_url: at('/woman.png') }] }, /references and characters/],
    [
      { prompt: 'a boat', first_frame, references: [{ image_url: at('/woman.png') }] },
      /first_frame and references/,
    ],
  ]
  for (const [body, detail] of rows) {
    const route = await gateway.call('POST', '/route', { ...scene, ...body })
    t.match(route.body.excluded, [{ upstream: 'vidu', code: 'input_unsupported', detail }])
  }
  t.equal(gateway.simulator.control.requests()['vidu']?.create, before)
})

t.test('a refusal is final, early and late', async (t) => {
  for (const prompt of ['something forbidden', 'forbidden-late']) {
    const refused = await gateway.generate({ ...scene, prompt })
    t.match(refused, { status: 'failed', attempts: [{ failure: { code: 'refused' } }] }, prompt)
    t.equal(refused.attempts.length, 1)
  }
})
