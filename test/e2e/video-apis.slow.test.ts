import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { serveCallerFiles } from './caller-files.ts'
import { official, startGateway } from './gateway.ts'

/** The vendors that docs/vendors/video-apis.md describes, each with what it sells of small pictures. */
const vendors: SimulatedUpstream[] = (['openrouter', 'ark-tasks', 'minimax-v2', 'xai'] as const).map(
  (dialect) => ({
    ...official,
    id: dialect,
    dialect,
    apiKey: `${dialect}-key-0001`,
    durations: [5],
    sizes: ['426x240', '240x426', '640x360'],
    price: { perSecondUsd: { default: 0.1, '640x360': 0.2 } },
  }),
)

const seedless = ['minimax-v2', 'xai']
/** Their references are pictures. */
const picturesAlone = ['xai']

const { at, bytesOf } = await serveCallerFiles(t)

const capabilities = { resolutions: ['240p', '360p'], aspect_ratios: ['16:9', '9:16'] }
const gateway = await startGateway(t, {
  upstreams: vendors,
  patient: true,
  settings: Object.fromEntries(
    vendors.map(({ id }) => [
      id,
      {
        capabilities,
        ...(picturesAlone.includes(id) && { characters: 'none', references: ['image'] }),
        price: { per_second_usd: { default: 0.1, '360p': 0.2 }, charged_on: 'success' },
      },
    ]),
  ),
})

const lastRender = (id: string) => gateway.simulator.control.renders(id).at(-1)

for (const { id } of vendors) {
  const takesAll = !picturesAlone.includes(id)
  const takesSeed = !seedless.includes(id)
  const scene = { duration: 5, routing: { upstreams: [id] } }

  t.test(`${id}: a scene between two frames, at a resolution, with a seed`, async (t) => {
    const made = await gateway.generate({
      ...scene,
      prompt: 'a boat crosses the bay',
      first_frame: { image_url: at('/first.png') },
      last_frame: { image_url: at('/last.png') },
      resolution: '360p',
      aspect_ratio: '16:9',
      seed: 7,
    })
    t.match(made, {
      status: 'completed',
      attempts: [{ upstream: id, state: 'succeeded' }],
    })
    const codes = made.warnings.map(({ code }: { code: string }) => code)
    t.same(codes, takesSeed ? [] : ['seed_dropped'])
    t.match(lastRender(id), {
      seconds: 5,
      size: '640x360',
      inputs: [
        { role: 'first_frame', kind: 'image', bytes: bytesOf('/first.png') },
        { role: 'last_frame', kind: 'image', bytes: bytesOf('/last.png') },
      ],
      extras: takesSeed ? { seed: 7 } : { seed: undefined },
      billedUsd: 1,
    })
    t.equal(made.cost_usd, 1, 'as dear as the vendor bills it')
    const video = await gateway.call('GET', `/generations/${made.id}/video`)
    t.equal(video.body.subarray(4, 8).toString(), 'ftyp')
  })

  t.test(`${id}: a scene with a picture and a voice to go by`, async (t) => {
    const picture = { image_url: at('/woman.png'), role: 'subject' }
    const references = takesAll ? [picture, { audio_url: at('/voice.wav') }] : [picture]
    const made = await gateway.generate({ ...scene, prompt: 'a woman sings', references })
    t.match(made, { status: 'completed' })
    t.same(made.warnings, [])
    t.match(lastRender(id)?.inputs, [
      { role: 'reference', kind: 'image', bytes: bytesOf('/woman.png') },
      ...(takesAll ? [{ role: 'reference', kind: 'audio', bytes: bytesOf('/voice.wav') }] : []),
    ])
  })

  if (takesAll)
    t.test(`${id}: a scene with a character, shown by its clip`, async (t) => {
      const character = await gateway.call('POST', '/characters', {
        name: `girl_${id.replaceAll('-', '_')}`,
        description: 'a woman in a green apron',
        video_url: `${gateway.simulator.origin}/clips/${id}.mp4?seconds=2&size=320x240`,
      })
      t.equal(character.status, 201)
      const made = await gateway.generate({ ...scene, prompt: `@${character.body.name} walks on the beach` })
      t.match(made, {
        status: 'completed',
        characters: [{ fidelity: 'reference' }],
        warnings: [{ code: 'character_reference_used' }],
      })
      t.match(lastRender(id), {
        reference: { kind: 'video' },
        inputs: [{ role: 'reference', kind: 'video' }],
      })
    })

  t.test(`${id}: frames and references together are for another upstream, and nothing is sent`, async (t) => {
    const before = gateway.simulator.control.requests()[id]?.create
    const { body } = await gateway.call('POST', '/route', {
      ...scene,
      prompt: 'a boat',
      first_frame: { image_url: at('/first.png') },
      references: [{ image_url: at('/woman.png') }],
    })
    const excluded = body.excluded.find(({ upstream }: { upstream: string }) => upstream === id)
    t.match(excluded, { code: 'input_unsupported', detail: /first_frame and references/ })
    t.equal(gateway.simulator.control.requests()[id]?.create, before)
  })

  t.test(`${id}: a refusal is final, early and late`, async (t) => {
    for (const prompt of ['something forbidden', 'forbidden-late']) {
      const refused = await gateway.generate({ ...scene, prompt })
      t.match(refused, { status: 'failed', attempts: [{ failure: { code: 'refused' } }] }, prompt)
      t.equal(refused.attempts.length, 1)
    }
  })
}
