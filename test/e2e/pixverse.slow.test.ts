import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { serveCallerFiles } from './caller-files.ts'
import { official, startGateway } from './gateway.ts'

/** PixVerse, as docs/vendors/video-apis.md#pixverse has it. */
const pixverse: SimulatedUpstream = {
  ...official,
  id: 'pixverse',
  dialect: 'pixverse',
  apiKey: 'pixverse-key-0001',
  models: ['v6'],
  durations: [5],
  sizes: ['640x360', '360x640'],
  price: { perSecondUsd: { default: 0.025 } },
}
const { at, bytesOf } = await serveCallerFiles(t)
const gateway = await startGateway(t, {
  upstreams: [pixverse],
  patient: true,
  settings: {
    pixverse: {
      models: { 'sora-2': 'v6' },
      characters: 'stills',
      references: ['image'],
      capabilities: { resolutions: ['360p'], aspect_ratios: ['16:9', '9:16'] },
      price: { per_second_usd: { default: 0.025 }, charged_on: 'success' },
    },
  },
})
const scene = { duration: 5, resolution: '360p' }
const lastRender = () => gateway.simulator.control.renders('pixverse').at(-1)

t.test('a scene between two frames that are uploaded first', async (t) => {
  const made = await gateway.generate({
    ...scene,
    prompt: 'a boat crosses the bay',
    first_frame: { image_url: at('/first.png') },
    last_frame: { image_url: at('/last.png') },
    audio: true,
    seed: 7,
  })
  t.match(made, { status: 'completed', cost_usd: 0.125 })
  t.same(made.warnings, [])
  t.match(lastRender(), {
    inputs: [
      { role: 'first_frame', kind: 'image', bytes: bytesOf('/first.png') },
      { role: 'last_frame', kind: 'image', bytes: bytesOf('/last.png') },
    ],
    extras: { generate_audio_switch: true, seed: 7 },
    billedUsd: 0.125,
  })
  const video = await gateway.call('GET', `/generations/${made.id}/video`)
  t.equal(video.body.subarray(4, 8).toString(), 'ftyp')
})

t.test('a scene with pictures to go by, with a first frame, and from words alone', async (t) => {
  const picture = (path: string) => ({ image_url: at(path), role: 'subject' })
  const rows: [body: object, inputs: object[]][] = [
    [
      { references: [picture('/woman.png'), picture('/last.png')] },
      [
        { role: 'reference', kind: 'image', bytes: bytesOf('/woman.png') },
        { role: 'reference', kind: 'image', bytes: bytesOf('/last.png') },
      ],
    ],
    [
      { first_frame: { image_url: at('/first.png') } },
      [{ role: 'first_frame', kind: 'image', bytes: bytesOf('/first.png') }],
    ],
    [{}, []],
  ]
  for (const [body, inputs] of rows) {
    t.match(await gateway.generate({ ...scene, prompt: 'a woman sings', ...body }), { status: 'completed' })
    t.match(lastRender(), { inputs })
  }
})

t.test(
  'a scene with a character, shown by pictures that the prompt names as PixVerse wants it',
  async (t) => {
    const character = await gateway.call('POST', '/characters', {
      name: 'mossy',
      description: 'a moss troll with a lantern',
      video_url: `${gateway.simulator.origin}/clips/mossy.mp4?seconds=3&size=320x240`,
    })
    t.equal(character.status, 201)
    const made = await gateway.generate({ ...scene, prompt: '@mossy walks on the beach' })
    t.match(made, {
      status: 'completed',
      characters: [{ fidelity: 'inline' }],
      warnings: [{ code: 'character_stills_used' }],
    })
    const inputs = lastRender()?.inputs ?? []
    t.ok(inputs.length > 0 && inputs.every(({ role, kind }) => role === 'reference' && kind === 'image'))
    const named = inputs.map((_, index) => `@image${index + 1} `)
    t.match(lastRender()?.prompt, /^mossy \(as shown in @image1 .*: a moss troll with a lantern\) walks/)
    for (const name of named) t.ok(lastRender()?.prompt.includes(name), name)
  },
)

t.test('frames and pictures together are for another upstream, and nothing is sent', async (t) => {
  const before = gateway.simulator.control.requests()['pixverse']?.create
  const { body } = await gateway.call('POST', '/route', {
    ...scene,
    prompt: 'a boat',
    first_frame: { image_url: at('/first.png') },
    references: [{ image_url: at('/woman.png') }],
  })
  t.match(body.excluded, [{ code: 'input_unsupported', detail: /first_frame and references/ }])
  t.equal(gateway.simulator.control.requests()['pixverse']?.create, before)
})

t.test('a refusal is final, early and late', async (t) => {
  for (const prompt of ['something forbidden', 'forbidden-late']) {
    const refused = await gateway.generate({ ...scene, prompt })
    t.match(refused, { status: 'failed', attempts: [{ failure: { code: 'refused' } }] }, prompt)
    t.equal(refused.attempts.length, 1)
  }
})
