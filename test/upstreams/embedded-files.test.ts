import t from 'tap'
import type { Exchange } from '../../src/gateway/domain/attempts/exchange.ts'
import type { CreateInputs, CreateRequest, MediaSource } from '../../src/gateway/ports/upstream.ts'
import { descriptionSchema } from '../../src/gateway/upstreams/described/description/description.ts'
import { namesIn } from '../../src/gateway/upstreams/described/expressions/names.ts'
import { createUpstreamDirectory } from '../../src/gateway/upstreams/upstream-directory.ts'
import { fileBody } from '../../src/gateway/upstreams/transport/bodies/file-body.ts'
import { settings, spec } from './fixtures.ts'
import { fakeRemote, json, noLogger, readAll, startHttp } from './loopback.ts'

/** Files that go along in the JSON of a create, in base64. */

function file(name: string, contentType: string, bytes: Buffer, chunk = bytes.length): MediaSource {
  async function* open() {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk)
  }
  return { contentType, fileName: name, bytes: bytes.length, url: `https://gateway.example/m/${name}`, open }
}

const bytes = Buffer.from(Array.from({ length: 1000 }, (_each, index) => (index * 7) % 256))
const png = file('first.png', 'image/png', bytes, 7)
const jpeg = file('last.jpg', 'image/jpeg', bytes.subarray(0, 301), 64)

const nothing: CreateInputs = {
  firstFrame: null,
  lastFrame: null,
  references: [],
  audio: null,
  seed: null,
  negativePrompt: null,
  resolution: null,
  aspectRatio: null,
  options: {},
}
const plain: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'm-1',
  prompt: 'a "paper" boat – 纸船',
  durationSeconds: 5,
  size: '1280x720',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}
const framed = { ...plain, inputs: { ...nothing, firstFrame: png, lastFrame: jpeg } }

const description = {
  create: {
    path: '/jobs',
    body: {
      prompt: '{{ prompt }}',
      image:
        '{{ first_frame && { bytesBase64Encoded: base64(first_frame), mimeType: first_frame.content_type } || `null` }}',
      last: '{{ data_url(last_frame) }}',
      others: '{{ image_files[*].{ data: base64(@), type: content_type } || `null` }}',
    },
    id: 'id',
    max_base64_bytes: 1000,
    max_base64_total_bytes: 2500,
  },
  poll: { path: '/jobs/{{ id }}', status: 'status', video: 'url' },
}

async function upstreamAt(t: Parameters<typeof startHttp>[0], baseUrl: string) {
  const own = { ...settings({ spec: spec({ dialect: 'made-up' }), description }), baseUrl }
  const deps = { remoteMedia: fakeRemote(), logger: noLogger, clock: Date }
  const directory = createUpstreamDirectory([own], deps)
  t.teardown(() => directory.close())
  return directory.all()[0]!
}

function faults(create: object): string {
  const raw = { ...description, create: { ...description.create, body: undefined, ...create } }
  return JSON.stringify(descriptionSchema(namesIn(raw)).safeParse(raw).error?.issues ?? [])
}

t.test('files are sent in base64, whole, and nothing of them is kept of the exchange', async (t) => {
  const server = await startHttp(t, (_request, response) => json(response, 200, { id: 'j' }))
  const upstream = await upstreamAt(t, server.baseUrl)
  const told: Exchange[] = []
  const inputs: CreateInputs = {
    ...framed.inputs,
    references: [{ kind: 'image', role: 'subject', name: null, media: png }],
  }
  t.match(await upstream.create({ ...framed, inputs }, (each) => told.push(each)), { type: 'accepted' })
  const [seen] = server.seen
  t.same(JSON.parse(String(seen?.body)), {
    prompt: plain.prompt,
    image: { bytesBase64Encoded: bytes.toString('base64'), mimeType: 'image/png' },
    last: `data:image/jpeg;base64,${bytes.subarray(0, 301).toString('base64')}`,
    others: [{ data: bytes.toString('base64'), type: 'image/png' }],
  })
  t.equal(seen?.headers['content-length'], String(seen?.body.length))
  t.equal(seen?.headers['content-type'], 'application/json')
  const kept = told[0]?.request ?? ''
  t.match(JSON.parse(kept), {
    image: { bytesBase64Encoded: '[image/png, 1000 bytes in base64]' },
    last: '[image/jpeg, 301 bytes in base64]',
  })
  t.notMatch(kept, /understudy-|gateway\.example/)
})

t.test('without files the body is what it was', async (t) => {
  const server = await startHttp(t, (_request, response) => json(response, 200, { id: 'j' }))
  const upstream = await upstreamAt(t, server.baseUrl)
  await upstream.create(plain)
  t.same(JSON.parse(String(server.seen[0]?.body)), { prompt: plain.prompt })
})

t.test('a file above the limit of the protocol is not sent, and the request may go elsewhere', async (t) => {
  const server = await startHttp(t, (_request, response) => json(response, 200, { id: 'j' }))
  const upstream = await upstreamAt(t, server.baseUrl)
  const large = file('large.png', 'image/png', Buffer.alloc(1001))
  const request = { ...plain, inputs: { ...nothing, firstFrame: large } }
  t.match(await upstream.create(request), { type: 'invalid', elsewhere: true, message: /1001 bytes/ })
  const references = ['a', 'b', 'c'].map(
    (name) =>
      ({ kind: 'image', role: 'subject', name: null, media: file(name, 'image/png', bytes) }) as const,
  )
  t.match(
    await upstream.create({ ...plain, inputs: { ...nothing, references } }),
    { type: 'invalid', elsewhere: true, message: /all files, 3000 bytes/ },
    'nor are several that are too large together',
  )
  t.equal(server.seen.length, 0)
})

t.test('a file that is gone leaves the create unsent', async (t) => {
  const server = await startHttp(t, (_request, response) => json(response, 200, { id: 'j' }))
  const upstream = await upstreamAt(t, server.baseUrl)
  const gone: MediaSource = {
    ...png,
    open: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('ENOENT')) }) }),
  }
  t.match(await upstream.create({ ...plain, inputs: { ...nothing, firstFrame: gone } }), {
    type: 'never_sent',
  })
  t.equal(server.connections(), 0)
})

t.test('a file is read as it is sent, a chunk at a time', async (t) => {
  let read = 0
  const chunk = Buffer.alloc(65_536)
  const endless: MediaSource = {
    ...png,
    bytes: 1000,
    async *open() {
      for (let count = 0; count < 4000; count += 1) {
        read += chunk.length
        yield chunk
      }
    },
  }
  const piece = { file: { ...endless, bytes: 4000 * chunk.length }, as: 'base64' } as const
  const { stream, bytes: length, close } = await fileBody([piece])
  t.equal(length, 4 * Math.ceil((4000 * chunk.length) / 3))
  t.equal(read, chunk.length, 'the first chunk tells that the file is there')
  stream.read(1)
  await new Promise((resolve) => setImmediate(resolve))
  t.ok(read < 8 * chunk.length, `${read} bytes were read`)
  close()
})

t.test('base64 is the same however the file comes', async (t) => {
  for (const size of [0, 1, 2, 3, 4, 1000])
    for (const step of [1, 2, 3, 5, 1000]) {
      const part = bytes.subarray(0, size)
      const { stream, bytes: length } = await fileBody([
        { file: file('x', 'image/png', part, step), as: 'base64' },
      ])
      const text = String(await readAll(stream))
      t.equal(text, part.toString('base64'), `${size} bytes in chunks of ${step}`)
      t.equal(length, text.length)
    }
})

t.test('base64 in a form or a path is a mistake that is found at start', async (t) => {
  t.match(faults({ form: { image: '{{ base64(first_frame) }}' } }), /only a JSON body/)
  t.match(faults({ path: '/jobs/{{ base64(first_frame) }}' }), /only a JSON body/)
  t.equal(faults({ body: { image: '{{ base64(first_frame) }}' } }), '[]')
})
