import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { aPicture } from '../fixtures/pictures.ts'
import { startHttp } from '../upstreams/loopback.ts'
import { keys, official, startGateway } from './gateway.ts'

/** Google's video APIs, to which the gateway sends the pictures themselves: they fetch nothing. */
const vendors: SimulatedUpstream[] = (['veo', 'gemini-omni'] as const).map((dialect) => ({
  ...official,
  id: dialect,
  dialect,
  apiKey: `${dialect}-key-0001`,
  durations: [4, 8],
  sizes: ['1280x720', '720x1280'],
  price: { perSecondUsd: { default: 0.1 } },
}))

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
  keys: { bank: { scopes: ['operate', 'operate_prompts'] } },
  settings: Object.fromEntries(
    vendors.map(({ id }) => [
      id,
      {
        characters: 'stills',
        references: ['image'],
        price: { per_second_usd: { default: 0.1 }, charged_on: 'success' },
      },
    ]),
  ),
})
const lastRender = (id: string) => gateway.simulator.control.renders(id).at(-1)

for (const { id } of vendors) {
  const isVeo = id === 'veo'
  const scene = { routing: { upstreams: [id] } }

  t.test(`${id}: a scene between two frames, whose bytes the vendor is sent`, async (t) => {
    const made = await gateway.generate({
      ...scene,
      prompt: 'a boat crosses the bay',
      duration: 4,
      first_frame: { image_url: at('/first.png') },
      last_frame: { image_url: at('/last.png') },
      resolution: '720p',
      aspect_ratio: '9:16',
      seed: 7,
      ...(isVeo && { negative_prompt: 'rain' }),
    })
    const warnings = isVeo ? [] : [{ code: 'seed_dropped' }]
    t.match(made, { status: 'completed', warnings, attempts: [{ upstream: id, state: 'succeeded' }] })
    t.match(lastRender(id), {
      seconds: 4,
      size: '720x1280',
      inputs: [
        { role: 'first_frame', kind: 'image', bytes: bytesOf('/first.png') },
        { role: 'last_frame', kind: 'image', bytes: bytesOf('/last.png') },
      ],
      extras: isVeo ? { seed: 7, negativePrompt: 'rain' } : { task: 'image_to_video' },
    })
    t.equal(made.cost_usd, 0.4)
    const video = await gateway.call('GET', `/generations/${made.id}/video`)
    t.equal(video.body.subarray(4, 8).toString(), 'ftyp')
    const trusted = { authorization: `Bearer ${keys.bank}` }
    const exchanges = await gateway.call('GET', `/generations/${made.id}/exchanges`, undefined, trusted)
    t.match(JSON.stringify(exchanges.body), /bytes in base64/, 'what is kept names the files')
    const kept = files.get('/first.png')?.toString('base64').slice(100, 200) ?? ''
    t.notMatch(JSON.stringify(exchanges.body), kept, 'and holds nothing of them')
  })

  t.test(`${id}: a scene with a picture to go by, in a length that goes with it`, async (t) => {
    const references = [{ image_url: at('/woman.png'), role: 'subject' }]
    const made = await gateway.generate({ ...scene, prompt: 'a woman sings', duration: 4, references })
    t.match(made, { status: 'completed', warnings: isVeo ? [{ code: 'duration_adjusted' }] : [] })
    t.match(lastRender(id), {
      seconds: isVeo ? 8 : 4,
      inputs: [{ role: 'reference', kind: 'image', bytes: bytesOf('/woman.png') }],
    })
  })

  t.test(`${id}: a scene with a character, shown by pictures out of its clip`, async (t) => {
    const character = await gateway.call('POST', '/characters', {
      name: isVeo ? 'mossy' : 'twiggy',
      description: 'a moss troll with a lantern',
      video_url: `${gateway.simulator.origin}/clips/${id}.mp4?seconds=2&size=320x240`,
    })
    t.equal(character.status, 201)
    const prompt = `@${character.body.name} walks`
    const made = await gateway.generate({ ...scene, prompt, duration: 8 })
    t.match(made, { status: 'completed', warnings: [{ code: 'character_stills_used' }] })
    const { inputs = [], prompt: sent } = lastRender(id) ?? {}
    t.ok(inputs.length > 0 && inputs.every(({ role, kind }) => role === 'reference' && kind === 'image'))
    t.match(sent, isVeo ? /reference images? 1/ : /<IMAGE_REF_0>/)
  })

  t.test(`${id}: a refusal is final, early and late`, async (t) => {
    for (const prompt of ['something forbidden', 'forbidden-late']) {
      const refused = await gateway.generate({ ...scene, prompt, duration: 4 })
      t.match(refused, { status: 'failed', attempts: [{ failure: { code: 'refused' } }] }, prompt)
      t.equal(refused.attempts.length, 1)
    }
  })
}
