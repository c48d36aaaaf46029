import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { serveCallerFiles } from './caller-files.ts'
import { official, startGateway } from './gateway.ts'

/** Kling, as docs/vendors/video-apis.md#kling has it: two models behind a key pair. */
const common: SimulatedUpstream = {
  ...official,
  dialect: 'kling',
  apiKey: 'unused-kling-key-0001',
  keyPair: { accessKey: 'kling-access-0001', secretKey: 'kling-secret-of-32-characters-01' },
  durations: [5],
  sizes: ['1280x720', '720x1280', '1920x1080'],
  price: { perSecondUsd: { default: 0.1, '1920x1080': 0.2 } },
  characters: true,
}
const upstreams: SimulatedUpstream[] = [
  { ...common, id: 'omni', models: ['kling-v3-omni'] },
  { ...common, id: 'plain', models: ['kling-v3'] },
]

const { at, bytesOf } = await serveCallerFiles(t)
const settingsOf = (model: string, more: object = {}) => ({
  api_key: undefined,
  access_key: common.keyPair?.accessKey,
  secret_key: common.keyPair?.secretKey,
  models: { 'sora-2': model },
  characters: 'native',
  references: [],
  sizes: undefined,
  price: { per_second_usd: { default: 0.1, '1080p': 0.2 }, charged_on: 'success' },
  ...more,
})
const gateway = await startGateway(t, {
  upstreams,
  patient: true,
  settings: {
    omni: settingsOf('kling-v3-omni', { references: ['image', 'video'] }),
    plain: settingsOf('kling-v3', { capabilities: { references: {}, negative_prompt: 'accepted' } }),
  },
})
const scene = { duration: 5, resolution: '720p', aspect_ratio: '16:9' }
const lastRender = (id: string) => gateway.simulator.control.renders(id).at(-1)

t.test('a scene with a stored element, and the same one again an hour later', async (t) => {
  const character = await gateway.call('POST', '/characters', {
    name: 'mossy',
    description: 'a moss troll with a lantern',
    video_url: `${gateway.simulator.origin}/clips/mossy.mp4?seconds=3&size=320x240`,
  })
  t.equal(character.status, 201)
  for (const prompt of ['@mossy walks on the beach', '@mossy sleeps']) {
    const made = await gateway.generate({ ...scene, prompt, routing: { upstreams: ['omni'] } })
    t.match(made, { status: 'completed', characters: [{ fidelity: 'native' }], warnings: { length: 0 } })
    const [element] = gateway.simulator.control.characters()
    t.match(element?.id, /^\d{17,18}$/)
    t.match(lastRender('omni'), {
      prompt: prompt.replace('@mossy', '<<<element_1>>>'),
      characters: [element?.id],
      extras: { endpoint: 'omni-video' },
    })
    // Tokens live for half an hour.
    await gateway.advance(3_600_000)
  }
  t.equal(gateway.simulator.control.requests()['omni']?.character_create, 1, 'it was made once')
})

for (const [id, endpoint] of [
  ['omni', 'omni-video'],
  ['plain', 'image2video'],
] as const)
  t.test(`${id}: a scene between two frames, with sound, at the price of its resolution`, async (t) => {
    const made = await gateway.generate({
      ...scene,
      prompt: 'a boat crosses the bay',
      resolution: '1080p',
      first_frame: { image_url: at('/first.png') },
      last_frame: { image_url: at('/last.png') },
      audio: true,
      routing: { upstreams: [id] },
    })
    t.match(made, { status: 'completed', cost_usd: 1 })
    t.match(lastRender(id), {
      size: '1920x1080',
      inputs: [
        { role: 'first_frame', kind: 'image', bytes: bytesOf('/first.png') },
        { role: 'last_frame', kind: 'image', bytes: bytesOf('/last.png') },
      ],
      extras: { sound: 'on', mode: 'pro', endpoint },
      billedUsd: 1,
    })
    const video = await gateway.call('GET', `/generations/${made.id}/video`)
    t.equal(video.body.subarray(4, 8).toString(), 'ftyp')
  })

t.test('pictures to go by are for the omni model, what to avoid for the other one', async (t) => {
  const references = [{ image_url: at('/woman.png'), role: 'subject' }]
  const shown = await gateway.generate({ ...scene, prompt: 'a woman sings', references })
  t.match(shown, { status: 'completed', attempts: [{ upstream: 'omni' }] })
  t.match(lastRender('omni')?.inputs, [{ role: 'reference', kind: 'image', bytes: bytesOf('/woman.png') }])
  const avoided = await gateway.generate({ ...scene, prompt: 'a street', negative_prompt: 'rain' })
  t.match(avoided, { status: 'completed', attempts: [{ upstream: 'plain' }] })
  t.match(lastRender('plain'), { extras: { negative_prompt: 'rain', endpoint: 'text2video' } })
})

t.test('another secret opens nothing', async (t) => {
  const simulator = gateway.simulator.baseUrl('plain')
  const headers = { authorization: 'Bearer eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln' }
  const answer = await fetch(`${simulator}/v1/videos/text2video/1`, { headers })
  t.match([answer.status, await answer.json()], [401, { code: 1002 }])
})

t.test('a refusal is final, early and late', async (t) => {
  for (const prompt of ['something forbidden', 'forbidden-late']) {
    const refused = await gateway.generate({ ...scene, prompt })
    t.match(refused, { status: 'failed', attempts: [{ failure: { code: 'refused' } }] }, prompt)
    t.equal(refused.attempts.length, 1)
  }
})
