import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { aPicture } from '../fixtures/pictures.ts'
import { startHttp } from '../upstreams/loopback.ts'
import { official, startGateway } from './gateway.ts'

/** Two models of Replicate, whose inputs have other names: one upstream for each. */
const vendor = (id: string, model: string): SimulatedUpstream => ({
  ...official,
  id,
  dialect: 'replicate',
  apiKey: `${id}-key-0001`,
  models: [model],
  durations: [5],
  sizes: ['426x240', '640x360'],
  price: { perSecondUsd: { default: 0.1 } },
})
const vendors = [vendor('seedance', 'bytedance/seedance-2.0'), vendor('kling', 'kwaivgi/kling-v3')]

const files = new Map<string, Buffer>([
  ['/first.png', aPicture(100)],
  ['/last.png', aPicture(101)],
  ['/woman.png', aPicture(102)],
])
const caller = await startHttp(t, (request, response) => {
  const bytes = files.get(request.url)
  response
    .writeHead(bytes === undefined ? 404 : 200, { 'content-type': 'image/png' })
    .end(bytes ?? Buffer.from('nothing'))
})
const at = (path: string) => `http://127.0.0.1:${caller.port}${path}`
const bytesOf = (path: string) => files.get(path)?.length

const gateway = await startGateway(t, {
  upstreams: vendors,
  patient: true,
  settings: Object.fromEntries(
    vendors.map(({ id, models }) => [
      id,
      {
        models: { 'sora-2': models[0] },
        references: ['image', 'video'],
        capabilities: {
          resolutions: ['240p', '360p'],
          aspect_ratios: ['16:9'],
          options: { camera_fixed: { type: 'boolean' } },
        },
        price: { per_second_usd: { default: 0.1 }, charged_on: 'success' },
      },
    ]),
  ),
})
const lastRender = (id: string) => gateway.simulator.control.renders(id).at(-1)

for (const { id } of vendors) {
  const scene = { duration: 5, routing: { upstreams: [id] } }

  t.test(`${id}: a scene between two frames, which the model has names for`, async (t) => {
    const made = await gateway.generate({
      ...scene,
      prompt: 'a boat crosses the bay',
      first_frame: { image_url: at('/first.png') },
      last_frame: { image_url: at('/last.png') },
      seed: 7,
      options: { [id]: { camera_fixed: false } },
    })
    t.match(made, {
      status: 'completed',
      warnings: { length: 0 },
      attempts: [{ upstream: id, state: 'succeeded' }],
    })
    t.match(lastRender(id), {
      inputs: [
        { role: 'first_frame', kind: 'image', bytes: bytesOf('/first.png') },
        { role: 'last_frame', kind: 'image', bytes: bytesOf('/last.png') },
      ],
      extras: { seed: 7, camera_fixed: false },
    })
    const video = await gateway.call('GET', `/generations/${made.id}/video`)
    t.equal(video.body.subarray(4, 8).toString(), 'ftyp')
  })

  t.test(`${id}: a scene with a character, shown by its clip`, async (t) => {
    const character = await gateway.call('POST', '/characters', {
      name: `girl_${id}`,
      description: 'a woman in a green apron',
      video_url: `${gateway.simulator.origin}/clips/${id}.mp4?seconds=2&size=320x240`,
    })
    t.equal(character.status, 201)
    const made = await gateway.generate({ ...scene, prompt: `@${character.body.name} walks on the beach` })
    t.match(made, { status: 'completed', characters: [{ fidelity: 'reference' }] })
    t.match(lastRender(id)?.inputs, [{ role: 'reference', kind: 'video' }])
  })

  t.test(`${id}: a scene with a picture to go by`, async (t) => {
    const references = [{ image_url: at('/woman.png'), role: 'subject' }]
    const made = await gateway.generate({ ...scene, prompt: 'a woman sings', references })
    t.match(made, { status: 'completed', warnings: { length: 0 } })
    t.match(lastRender(id)?.inputs, [{ role: 'reference', kind: 'image', bytes: bytesOf('/woman.png') }])
  })

  t.test(`${id}: a refusal is final, early and late`, async (t) => {
    for (const prompt of ['something forbidden', 'forbidden-late']) {
      const refused = await gateway.generate({ ...scene, prompt })
      t.match(refused, { status: 'failed', attempts: [{ failure: { code: 'refused' } }] }, prompt)
      t.equal(refused.attempts.length, 1)
    }
  })
}
