import t from 'tap'
import { aPicture } from '../fixtures/pictures.ts'
import { startHttp } from '../upstreams/loopback.ts'
import { official, startGateway } from './gateway.ts'

/** Ray at Luma Agents, which takes frames and no references. */
const id = 'luma'
const files = new Map<string, Buffer>([
  ['/first.png', aPicture(100)],
  ['/last.png', aPicture(101)],
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
  upstreams: [
    {
      ...official,
      id,
      dialect: 'luma',
      apiKey: 'luma-key-0001',
      durations: [5, 10],
      sizes: ['640x360', '360x640'],
      price: { perSecondUsd: { default: 0.1 } },
    },
  ],
  patient: true,
  settings: {
    luma: { characters: 'none', price: { per_second_usd: { default: 0.1 }, charged_on: 'success' } },
  },
})
const lastRender = () => gateway.simulator.control.renders(id).at(-1)
const scene = { duration: 10, routing: { upstreams: [id] } }

t.test('a scene of ten seconds between two frames', async (t) => {
  const made = await gateway.generate({
    ...scene,
    prompt: 'a boat crosses the bay',
    first_frame: { image_url: at('/first.png') },
    last_frame: { image_url: at('/last.png') },
    resolution: '360p',
    aspect_ratio: '9:16',
  })
  t.match(made, {
    status: 'completed',
    warnings: { length: 0 },
    attempts: [{ upstream: id, state: 'succeeded' }],
  })
  t.match(lastRender(), {
    seconds: 10,
    size: '360x640',
    inputs: [
      { role: 'first_frame', kind: 'image', bytes: bytesOf('/first.png') },
      { role: 'last_frame', kind: 'image', bytes: bytesOf('/last.png') },
    ],
  })
  t.equal(made.cost_usd, 1)
  const video = await gateway.call('GET', `/generations/${made.id}/video`)
  t.equal(video.body.subarray(4, 8).toString(), 'ftyp')
})

t.test('an option goes to the vendor, and one that it does not know is refused', async (t) => {
  const made = await gateway.generate({
    routing: scene.routing,
    duration: 5,
    prompt: 'waves',
    options: { luma: { loop: true } },
  })
  t.match(made, { status: 'completed' })
  t.match(lastRender()?.extras, { loop: true })
  const wrong = await gateway.call('POST', '/generate', {
    ...scene,
    prompt: 'waves',
    options: { luma: { lop: true } },
  })
  t.match(wrong.body, { errors: [{ pointer: '/options/luma/lop' }] })
})

t.test('a reference is for another upstream, and nothing is sent', async (t) => {
  const { body } = await gateway.call('POST', '/route', {
    ...scene,
    prompt: 'a boat',
    references: [{ image_url: at('/first.png') }],
  })
  t.match(body.excluded, [{ upstream: id, code: 'input_unsupported' }])
})

t.test('a refusal is final, early and late', async (t) => {
  for (const prompt of ['something forbidden', 'forbidden-late']) {
    const refused = await gateway.generate({ ...scene, prompt })
    t.match(refused, { status: 'failed', attempts: [{ failure: { code: 'refused' } }] }, prompt)
    t.equal(refused.attempts.length, 1)
  }
})
