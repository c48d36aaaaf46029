import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { serveCallerFiles } from './caller-files.ts'
import { official, startGateway } from './gateway.ts'

/** Alibaba Model Studio, as docs/vendors/video-apis.md#dashscope has it: Wan 3.0, and HappyHorse with a model for each kind of input. */
const studio = (id: string, models: string[]): SimulatedUpstream => ({
  ...official,
  id,
  dialect: 'dashscope',
  apiKey: `${id}-key-0001`,
  models,
  durations: [5],
  sizes: ['854x480', '480x854'],
  price: { perSecondUsd: { default: 0.05 } },
})
const { at, bytesOf } = await serveCallerFiles(t)
const common = {
  capabilities: { resolutions: ['480p'], aspect_ratios: ['16:9', '9:16', 'auto'] },
  price: { per_second_usd: { default: 0.05 }, charged_on: 'success' },
}
const gateway = await startGateway(t, {
  upstreams: [
    studio('wan', ['wan3.0-video']),
    studio('happyhorse', ['happyhorse-1.1-t2v', 'happyhorse-1.1-i2v', 'happyhorse-1.1-r2v']),
  ],
  patient: true,
  settings: {
    wan: {
      ...common,
      models: { 'sora-2': 'wan3.0-video' },
      characters: 'reference',
      references: ['image', 'video'],
    },
    happyhorse: {
      ...common,
      models: { 'sora-2': 'happyhorse-1.1-t2v' },
      characters: 'stills',
      references: ['image'],
      capabilities: {
        ...common.capabilities,
        last_frame: 'none',
        references: { image: { max: 9 } },
        audio: 'always',
      },
    },
  },
})
const on = (id: string) => ({ duration: 5, resolution: '480p', routing: { upstreams: [id] } })
const lastRender = (id: string) => gateway.simulator.control.renders(id).at(-1)

t.test('Wan: a scene between two frames, which give its ratio', async (t) => {
  const made = await gateway.generate({
    ...on('wan'),
    prompt: 'a boat crosses the bay',
    first_frame: { image_url: at('/first.png') },
    last_frame: { image_url: at('/last.png') },
    aspect_ratio: 'auto',
    audio: false,
    seed: 7,
  })
  t.match(made, { status: 'completed', cost_usd: 0.25 })
  t.same(made.warnings, [])
  t.match(lastRender('wan'), {
    inputs: [
      { role: 'first_frame', kind: 'image', bytes: bytesOf('/first.png') },
      { role: 'last_frame', kind: 'image', bytes: bytesOf('/last.png') },
    ],
    extras: { audio: false, seed: 7, watermark: false },
    billedUsd: 0.25,
  })
  const video = await gateway.call('GET', `/generations/${made.id}/video`)
  t.equal(video.body.subarray(4, 8).toString(), 'ftyp')
})

t.test('Wan: a scene with a character, shown by its clip, and with a voice', async (t) => {
  const character = await gateway.call('POST', '/characters', {
    name: 'mossy',
    description: 'a moss troll with a lantern',
    video_url: `${gateway.simulator.origin}/clips/mossy.mp4?seconds=3&size=320x240`,
  })
  t.equal(character.status, 201)
  const references = [{ audio_url: at('/voice.wav') }]
  const made = await gateway.generate({ ...on('wan'), prompt: '@mossy walks on the beach', references })
  t.match(made, { status: 'completed', characters: [{ fidelity: 'reference' }] })
  t.match(lastRender('wan')?.inputs, [
    { role: 'reference', kind: 'video' },
    { role: 'reference', kind: 'audio', bytes: bytesOf('/voice.wav') },
  ])
})

t.test('HappyHorse: each kind of input is for the model that takes it', async (t) => {
  const rows: [body: object, model: string][] = [
    [{}, 'happyhorse-1.1-t2v'],
    [{ first_frame: { image_url: at('/first.png') } }, 'happyhorse-1.1-i2v'],
    [{ references: [{ image_url: at('/woman.png'), role: 'subject' }] }, 'happyhorse-1.1-r2v'],
  ]
  for (const [body, model] of rows) {
    t.match(
      await gateway.generate({ ...on('happyhorse'), prompt: 'rain', ...body }),
      { status: 'completed' },
      model,
    )
    t.match(lastRender('happyhorse'), { model })
  }
})

t.test('HappyHorse: a scene with a character, shown by pictures', async (t) => {
  const made = await gateway.generate({ ...on('happyhorse'), prompt: '@mossy walks on the beach' })
  t.match(made, {
    status: 'completed',
    characters: [{ fidelity: 'inline' }],
    warnings: [{ code: 'character_stills_used' }],
  })
  t.match(lastRender('happyhorse'), {
    model: 'happyhorse-1.1-r2v',
    prompt: /as shown in Image 1.*a moss troll/,
    inputs: [{ role: 'reference', kind: 'image' }],
  })
})

t.test('a job that was forgotten has failed, although the answer is an HTTP 200', async (t) => {
  gateway.simulator.control.setFaults('wan', [{ kind: 'vanished' }])
  const made = await gateway.generate({ ...on('wan'), prompt: 'a kite' })
  gateway.simulator.control.setFaults('wan', [])
  t.match(made, { status: 'failed', attempts: [{ upstream: 'wan', failure: { code: 'lost' } }] })
})

t.test('a refusal is final, early and late', async (t) => {
  for (const prompt of ['something forbidden', 'forbidden-late']) {
    const refused = await gateway.generate({ ...on('wan'), prompt })
    t.match(refused, { status: 'failed', attempts: [{ failure: { code: 'refused' } }] }, prompt)
    t.equal(refused.attempts.length, 1)
  }
})
