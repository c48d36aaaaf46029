import t from 'tap'
import { aPicture } from '../fixtures/pictures.ts'
import { json, startHttp } from '../upstreams/loopback.ts'
import { reverse, startGateway } from './gateway.ts'

/** A vendor that is given pictures at an address that it names, on another host, before each create. */
const description = {
  name: 'uploader',
  create: {
    uploads: {
      of: ['first_frame'],
      path: '/uploads',
      body: { filename: '{{ file.name }}', type: '{{ file.content_type }}' },
      keep: { uri: 'uri', to: 'uploadUrl' },
      send: { to: '{{ to }}' },
    },
    path: '/jobs',
    body: {
      model: '{{ model }}',
      prompt: '{{ prompt }}',
      seconds: '{{ seconds }}',
      image: '{{ first_frame.uploaded.uri }}',
    },
    id: 'id',
  },
  poll: { path: '/jobs/{{ id }}', status: 'status', video: 'url' },
  capabilities: { first_frame: true },
}

const picture = aPicture(100)
const caller = await startHttp(t, (_request, response) =>
  response.writeHead(200, { 'content-type': 'image/png' }).end(picture),
)

/** The first file that it is sent is lost: what it says of it is no success. */
let refusals = 1
const store = await startHttp(t, (_request, response) => {
  response.writeHead(refusals > 0 ? 503 : 200).end()
  refusals -= 1
})

let origin = ''
const vendor = await startHttp(t, ({ url }, response) => {
  if (url === '/uploads')
    return json(response, 200, {
      uri: 'vendor://first',
      uploadUrl: `http://127.0.0.1:${store.port}/bucket/first?signature=abc`,
    })
  if (url === '/jobs') return json(response, 200, { id: 'job-1' })
  return json(response, 200, { status: 'completed', url: `${origin}/clips/film.mp4?seconds=5&size=320x240` })
})

const gateway = await startGateway(t, {
  upstreams: [reverse],
  settings: {
    reseller: {
      dialect: description,
      base_url: `http://127.0.0.1:${vendor.port}`,
      characters: 'none',
      poll: { first_after_seconds: 0.05, every_seconds: 0.05 },
    },
  },
})
origin = gateway.simulator.origin

t.test('an upload that fails is made again, and the create is sent once', async (t) => {
  const made = await gateway.generate({
    prompt: 'a boat crosses the bay',
    duration: 5,
    first_frame: { image_url: `http://127.0.0.1:${caller.port}/first.png` },
  })
  t.match(made, { status: 'completed', attempts: [{ state: 'failed', cost_usd: 0 }, { state: 'succeeded' }] })
  const calls = vendor.seen.map(({ method, url }) => `${method} ${url}`)
  t.same(calls.slice(0, 3), ['POST /uploads', 'POST /uploads', 'POST /jobs'])
  t.equal(calls.filter((call) => call === 'POST /jobs').length, 1)
  t.equal(store.seen.length, 2)
  for (const { method, url, headers, body } of store.seen) {
    t.equal(`${method} ${url}`, 'PUT /bucket/first?signature=abc')
    t.same(body, picture, 'the file itself')
    t.equal(headers['authorization'], undefined, 'and nothing of the key')
  }
  const create = vendor.seen.find(({ url }) => url === '/jobs')
  t.match(JSON.parse(String(create?.body)), { image: 'vendor://first', prompt: 'a boat crosses the bay' })
})
