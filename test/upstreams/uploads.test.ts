import t from 'tap'
import type { Exchange } from '../../src/gateway/domain/attempts/exchange.ts'
import type { CreateInputs, CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { descriptionSchema } from '../../src/gateway/upstreams/described/description/description.ts'
import { namesIn } from '../../src/gateway/upstreams/described/expressions/names.ts'
import { createUpstreamDirectory } from '../../src/gateway/upstreams/upstream-directory.ts'
import { createOutsideSend } from '../../src/gateway/upstreams/transport/guard/outside-send.ts'
import { mediaSource, settings, spec } from './fixtures.ts'
import { fakeRemote, json, noLogger, startHttp } from './loopback.ts'
import type { SeenRequest } from './loopback.ts'

/** Files that are uploaded before a create, one call for each. */

const first = mediaSource(Buffer.from('first'), 'image/png', 'first.png')
const second = mediaSource(Buffer.from('second'), 'image/jpeg', 'second.jpg')
const voice = mediaSource(Buffer.from('voice'), 'audio/wav', 'voice.wav')
const inputs: CreateInputs = {
  firstFrame: first,
  lastFrame: null,
  references: [
    { kind: 'image', role: 'subject', name: null, media: second },
    { kind: 'image', role: 'style', name: null, media: first },
    { kind: 'audio', role: 'voice', name: null, media: voice },
  ],
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
  prompt: 'a paper boat',
  durationSeconds: 5,
  size: '1280x720',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}
const request = { ...plain, inputs }

const description = {
  create: {
    uploads: {
      of: ['first_frame', 'last_frame', 'images'],
      path: '/upload?name={{ file.name }}',
      form: { image: { file: 'file' }, type: '{{ file.content_type }}' },
      keep: { id: 'Resp.img_id' },
    },
    path: '/jobs',
    body: {
      prompt: '{{ prompt }}',
      img_id: '{{ first_frame.uploaded.id }}',
      refs: '{{ image_files[*].{ id: uploaded.id } || `null` }}',
      sounds: '{{ audios || `null` }}',
    },
    id: 'id',
  },
  poll: { path: '/jobs/{{ id }}', status: 'status', video: 'url' },
}

async function upstreamAt(t: Parameters<typeof startHttp>[0], respond: Parameters<typeof startHttp>[1]) {
  const server = await startHttp(t, respond)
  const own = {
    ...settings({ spec: spec({ dialect: 'made-up' }), description }),
    baseUrl: server.baseUrl,
  }
  const deps = { remoteMedia: fakeRemote(), logger: noLogger, clock: Date }
  const directory = createUpstreamDirectory([own], deps)
  t.teardown(() => directory.close())
  return { upstream: directory.all()[0]!, server }
}

const paths = (seen: readonly SeenRequest[]) => seen.map(({ url }) => url.replace('/v1', ''))

t.test('each file is uploaded once, and the create has what the uploads gave', async (t) => {
  const { upstream, server } = await upstreamAt(t, ({ url }, response) => {
    const id = url.includes('first') ? 7 : 8
    json(response, 200, url.includes('/upload') ? { ErrCode: 0, Resp: { img_id: id } } : { id: 'j' })
  })
  t.match(await upstream.create(request), { type: 'accepted', job: { upstreamId: 'j' } })
  t.same(paths(server.seen), ['/upload?name=first.png', '/upload?name=second.jpg', '/jobs'])
  const [upload, , create] = server.seen
  t.match(String(upload?.body), /filename="first.png"\r\nContent-Type: image\/png\r\n\r\nfirst\r\n/)
  t.same(JSON.parse(String(create?.body)), {
    prompt: plain.prompt,
    img_id: 7,
    refs: [{ id: 8 }, { id: 7 }],
    sounds: [voice.url],
  })
})

t.test('a request without such files is sent at once', async (t) => {
  const { upstream, server } = await upstreamAt(t, (_request, response) => json(response, 200, { id: 'j' }))
  t.match(await upstream.create(plain), { type: 'accepted' })
  t.same(paths(server.seen), ['/jobs'])
})

t.test('an upload that fails sends no create: none was taken', async (t) => {
  const unclear = [
    [500, { message: 'oops' }],
    [504, {}],
    [200, { ErrCode: 0, Resp: {} }],
    [200, 'nonsense'],
  ] as const
  for (const [status, body] of unclear) {
    const { upstream, server } = await upstreamAt(t, ({ url }, response) =>
      json(
        response,
        url.includes('second') ? status : 200,
        url.includes('second') ? body : { Resp: { img_id: 1 } },
      ),
    )
    t.match(await upstream.create(request), { type: 'never_sent' }, JSON.stringify(body))
    t.same(paths(server.seen), ['/upload?name=first.png', '/upload?name=second.jpg'])
  }
  const verdicts = [
    [401, { error: { message: 'invalid api key' } }, 'upstream_down'],
    [429, { error: { message: 'slow down' } }, 'rejected'],
    [400, { error: { code: 'content_policy_violation', message: 'no' } }, 'refused'],
  ] as const
  for (const [status, body, type] of verdicts) {
    const { upstream, server } = await upstreamAt(t, (_request, response) => json(response, status, body))
    t.match(await upstream.create(request), { type })
    t.equal(server.seen.length, 1)
  }
  const cut = await upstreamAt(t, (_request, _response, socket) => socket.destroy())
  t.match(await cut.upstream.create(request), { type: 'never_sent' })
  t.equal(cut.server.seen.length, 1, 'and it is not tried again within the same try')
})

t.test('all uploads of a create share its time', async (t) => {
  const { upstream, server } = await upstreamAt(t, (_request, response) => {
    setTimeout(() => json(response, 200, { Resp: { img_id: 1 } }), 1200)
  })
  const began = performance.now()
  // Two seconds are what a create has in this test.
  t.match(await upstream.create(request), { type: 'never_sent' })
  t.ok(performance.now() - began < 2_400, 'not two seconds for each')
  t.equal(server.seen.length, 2)
})

t.test('an upload can name only the file that is uploaded', async (t) => {
  const faults = (uploads: object) => {
    const raw = { ...description, create: { ...description.create, uploads } }
    return JSON.stringify(descriptionSchema(namesIn(raw)).safeParse(raw).error?.issues ?? [])
  }
  const { uploads } = description.create
  t.equal(faults(uploads), '[]')
  t.match(faults({ ...uploads, form: { image: { file: 'reference' } } }), /should be file/)
  t.match(faults({ ...uploads, path: '/{{ prompt }}' }), /unknown `prompt`/)
  t.match(faults({ ...uploads, of: ['pictures'] }), /first_frame/)
})

const pictured = { ...request, inputs: { ...inputs, references: inputs.references.slice(0, 2) } }

/** A store of files: it takes what an address allows, and nothing that comes with the vendor's key. */
async function storeAt(t: Parameters<typeof startHttp>[0], status = 200) {
  return await startHttp(t, ({ headers }, response) => {
    response.writeHead(headers['authorization'] === undefined ? status : 400).end('<Ok/>')
  })
}

async function upstreamWithStore(
  t: Parameters<typeof startHttp>[0],
  address: string,
  send: object,
  allowPrivateHosts: string[] = ['127.0.0.1'],
) {
  const server = await startHttp(t, ({ url }, response) => {
    const upload = {
      address,
      fields: { key: 'a/b', policy: 'p==' },
      uri: `vendor://${seenUploads(server.seen)}`,
    }
    json(response, 200, url.endsWith('/uploads') ? upload : { id: 'j' })
  })
  const uploads = {
    of: ['first_frame', 'images'],
    path: '/uploads',
    body: { filename: '{{ file.name }}', size: '{{ file.bytes }}' },
    keep: { uri: 'uri', to: 'address', fields: 'fields' },
    send,
  }
  const body = { image: '{{ first_frame.uploaded.uri }}', refs: '{{ image_files[*].uploaded.uri }}' }
  const create = { uploads, path: '/jobs', body, id: 'id' }
  const own = {
    ...settings({ spec: spec({ dialect: 'made-up' }), description: { create, poll: description.poll } }),
    baseUrl: server.baseUrl,
  }
  const timeouts = { connectMs: 1000, headersMs: 1000, bodyIdleMs: 1000 }
  const outside = createOutsideSend({ ...timeouts, allowPrivateHosts })
  const directory = createUpstreamDirectory([own], {
    remoteMedia: fakeRemote(),
    outside,
    logger: noLogger,
    clock: Date,
  })
  t.teardown(async () => {
    await directory.close()
    await outside.close()
  })
  return { upstream: directory.all()[0]!, server }
}

const seenUploads = (seen: readonly SeenRequest[]) =>
  seen.filter(({ url }) => url.endsWith('/uploads')).length

t.test('the bytes are put at the address that the vendor names, without its key', async (t) => {
  const store = await storeAt(t)
  const address = `http://127.0.0.1:${store.port}/bucket/a%20b?X-Amz-Signature=abc`
  const { upstream, server } = await upstreamWithStore(t, address, {
    to: '{{ to }}',
    headers: { 'x-acl': 'private' },
  })
  const told: Exchange[] = []
  t.match(await upstream.create(pictured, (each) => told.push(each)), { type: 'accepted' })
  t.same(paths(server.seen), ['/uploads', '/uploads', '/jobs'])
  t.same(JSON.parse(String(server.seen[0]?.body)), { filename: 'first.png', size: 5 })
  t.match(store.seen, [
    {
      method: 'PUT',
      url: '/bucket/a%20b?X-Amz-Signature=abc',
      headers: { 'content-type': 'image/png', 'x-acl': 'private', 'content-length': '5' },
    },
    { method: 'PUT', headers: { 'content-type': 'image/jpeg' } },
  ])
  t.same(
    store.seen.map(({ body }) => String(body)),
    ['first', 'second'],
  )
  t.same(JSON.parse(String(server.seen[2]?.body)), {
    image: 'vendor://1',
    refs: ['vendor://2', 'vendor://1'],
  })
  const put = told.find(({ method }) => method === 'PUT')
  t.match(put, {
    path: `http://127.0.0.1:${store.port}/bucket/a%20b`,
    request: '[image/png, 5 bytes]',
    status: 200,
  })
  t.notMatch(JSON.stringify(put), /X-Amz-Signature/)
})

t.test('or posted there in a form, behind the fields that the vendor gives', async (t) => {
  const store = await storeAt(t, 204)
  const send = { to: '{{ to }}', method: 'POST', fields: '{{ fields }}', part: 'file' }
  const { upstream } = await upstreamWithStore(t, `http://127.0.0.1:${store.port}/bucket`, send)
  t.match(await upstream.create(pictured), { type: 'accepted' })
  const [first] = store.seen
  t.equal(first?.method, 'POST')
  t.match(
    String(first?.body),
    /name="key"\r\n\r\na\/b\r\n[^]*name="policy"\r\n\r\np==\r\n[^]*name="file"; filename="first.png"[^]*first\r\n/,
  )
})

t.test('an address that is not public, or a store that says no, leaves the create unsent', async (t) => {
  const store = await storeAt(t)
  const address = `http://127.0.0.1:${store.port}/bucket`
  const inside = await upstreamWithStore(t, address, { to: '{{ to }}' }, [])
  t.match(await inside.upstream.create(pictured), { type: 'never_sent', message: /public address/ })
  t.equal(store.connections(), 0)
  t.same(paths(inside.server.seen), ['/uploads'])

  const full = await storeAt(t, 403)
  const refused = await upstreamWithStore(t, `http://127.0.0.1:${full.port}/bucket`, { to: '{{ to }}' })
  t.match(await refused.upstream.create(pictured), { type: 'never_sent', message: /HTTP 403/ })
  t.same(paths(refused.server.seen), ['/uploads'])

  for (const odd of ['ftp://example.com/x', 'nonsense', 'http://user:word@example.com/x']) {
    const { upstream, server } = await upstreamWithStore(t, odd, { to: '{{ to }}' })
    t.match(await upstream.create(pictured), { type: 'never_sent' }, odd)
    t.same(paths(server.seen), ['/uploads'])
  }
})
