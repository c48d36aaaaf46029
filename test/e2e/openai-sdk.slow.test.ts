import OpenAI, { APIError, BadRequestError, toFile } from 'openai'
import t from 'tap'
import { official, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { keys } from './gateway.ts'

/** An upstream that knows characters by their ids, as the official protocol has them since 2026-03. */
const officialCast = { ...official, id: 'cast', apiKey: 'cast-key-0001', characters: true }

function sdk(gateway: Gateway, headers: Record<string, string> = {}): OpenAI {
  return new OpenAI({
    apiKey: keys.studio,
    baseURL: `${gateway.address}/v1`,
    maxRetries: 0,
    defaultHeaders: headers,
  })
}

async function finished(gateway: Gateway, client: OpenAI, id: string): Promise<OpenAI.Video> {
  await gateway.finished(id)
  return client.videos.retrieve(id)
}

/** A create with what the package's types do not know. */
const create = (client: OpenAI, body: any) => client.videos.create(body)

/** The status of the error that a call ends with; null when it succeeds. */
async function statusOf(call: Promise<unknown>): Promise<unknown> {
  const ended = await call.catch((error: unknown) => error)
  return ended instanceof APIError ? ended.status : null
}

async function clip(gateway: Gateway): Promise<File> {
  const response = await fetch(`${gateway.simulator.origin}/clips/mossy.mp4?seconds=3&size=320x240`)
  return toFile(await response.arrayBuffer(), 'mossy.mp4', { type: 'video/mp4' })
}

for (const [name, upstreams] of Object.entries({
  'an official upstream': [official],
  'a reverse upstream': [reverse],
  'both kinds': [reverse, official],
})) {
  t.test(`the openai package creates, polls, downloads and deletes over ${name}`, async (t) => {
    const gateway = await startGateway(t, { upstreams })
    const client = sdk(gateway)
    const video = await client.videos.create({ prompt: 'paper boat in rain', seconds: '8' })
    t.match(video, {
      object: 'video',
      status: 'queued',
      progress: 0,
      prompt: 'paper boat in rain',
      error: null,
    })
    t.type(video.seconds, 'string')
    const done = await finished(gateway, client, video.id)
    t.match(done, { status: 'completed', progress: 100, size: '240x320' })
    const content = await client.videos.downloadContent(video.id)
    t.equal(content.headers.get('content-type'), 'video/mp4')
    t.equal(
      Buffer.from(await content.arrayBuffer())
        .subarray(4, 8)
        .toString(),
      'ftyp',
    )
    const picture = await client.videos.downloadContent(video.id, { variant: 'thumbnail' })
    t.equal(picture.headers.get('content-type'), 'image/webp')
    t.same(await client.videos.delete(video.id), { id: video.id, object: 'video.deleted', deleted: true })
    t.equal(await statusOf(client.videos.retrieve(video.id)), 404)
  })
}

t.test('a remix goes to the upstream that holds the source, by its own id there', async (t) => {
  const gateway = await startGateway(t)
  const client = sdk(gateway, { 'understudy-upstreams': 'official' })
  const { id } = await client.videos.create({ prompt: 'paper boat in rain' })
  await gateway.finished(id)
  const remix = await client.videos.remix(id, { prompt: 'at dusk' })
  t.equal(remix.remixed_from_video_id, id)
  const done = await finished(gateway, client, remix.id)
  t.equal(done.status, 'completed')
  const renders = gateway.simulator.control.renders()
  t.match(renders.at(-1), { prompt: 'at dusk', source: { kind: 'remix', from: { type: 'job' } } })
  const { body } = await gateway.call('GET', `/generations/${remix.id}`)
  t.match(body, { source: { kind: 'remix', generation_id: id }, warnings: [] })
})

t.test('edits and extensions by id: an extension is as long as both parts', async (t) => {
  const gateway = await startGateway(t, { upstreams: [official] })
  const client = sdk(gateway)
  const { id } = await client.videos.create({ prompt: 'paper boat in rain', seconds: '4' })
  await gateway.finished(id)
  const edit = await client.videos.edit({ prompt: 'a red boat', video: { id } })
  t.match(await finished(gateway, client, edit.id), { status: 'completed', seconds: '4' })
  const extension = await client.videos.extend({ prompt: 'it sails on', seconds: '8', video: { id } })
  t.equal(extension.seconds, '12')
  t.match(await finished(gateway, client, extension.id), { status: 'completed', seconds: '12' })
})

t.test('a video of a reseller that cannot remix is shown to an upstream that takes videos', async (t) => {
  const gateway = await startGateway(t)
  const client = sdk(gateway)
  const { id } = await create(client, { prompt: 'paper boat in rain', seconds: '5' })
  t.match(await gateway.finished(id), { attempts: [{ upstream: 'reseller' }] })
  const remix = await client.videos.remix(id, { prompt: 'at dusk' })
  t.equal((await finished(gateway, client, remix.id)).status, 'completed')
  const { body } = await gateway.call('GET', `/generations/${remix.id}`)
  t.match(body.warnings, [{ code: 'source_reference_used' }, { code: 'duration_adjusted' }])
  t.match(gateway.simulator.control.renders().at(-1), { upstream: 'official', reference: { kind: 'video' } })
})

t.test(
  'files are edited and extended where the vendor takes them, also when nobody holds the source',
  async (t) => {
    const uploads = { ...official, videoUploads: true }
    const gateway = await startGateway(t, {
      upstreams: [reverse, uploads],
      // Files take longer to go up than the usual second on a busy machine.
      settings: { official: { source_videos: 'any', timeouts: { create_seconds: 30 } } },
    })
    const client = sdk(gateway)
    const edit = await client.videos.edit({ prompt: 'a red boat', video: await clip(gateway) })
    t.equal((await finished(gateway, client, edit.id)).status, 'completed')
    t.match(gateway.simulator.control.renders().at(-1), {
      source: { kind: 'edit', from: { type: 'upload' } },
    })

    const made = await create(client, { prompt: 'paper boat', seconds: '5' })
    await gateway.finished(made.id)
    const longer = await client.videos.extend({ prompt: 'on and on', seconds: '4', video: { id: made.id } })
    t.equal((await finished(gateway, client, longer.id)).status, 'completed')
    t.match(gateway.simulator.control.renders().at(-1), {
      upstream: 'official',
      source: { kind: 'extension', from: { type: 'upload' } },
    })
  },
)

for (const [name, upstreams] of Object.entries({
  'that knows them by id': [officialCast],
  'of a reseller': [reverse],
  'that is shown the clip': [official],
})) {
  t.test(`characters of the openai package play on an upstream ${name}`, async (t) => {
    const gateway = await startGateway(t, { upstreams })
    const client = sdk(gateway)
    const mossy = await client.videos.createCharacter({ name: 'Mossy', video: await clip(gateway) })
    t.match(mossy, { id: /^char_/, name: 'Mossy' })
    t.same(await client.videos.getCharacter(mossy.id!), mossy)
    const body = { prompt: 'Mossy walks by the sea. A sign says @home.', characters: [{ id: mossy.id }] }
    const video = await client.videos.create(body)
    t.equal(video.prompt, body.prompt)
    t.equal((await finished(gateway, client, video.id)).status, 'completed')
    const { body: generation } = await gateway.call('GET', `/generations/${video.id}`)
    t.match(generation.characters, [{ id: mossy.id, name: 'mossy' }])
    const [render] = gateway.simulator.control.renders()
    t.match(render!.prompt, /sign says @ ?home/)
    if (upstreams[0] !== official) t.equal(render!.characters.length, 1)
  })
}

t.test(
  'two characters may have one name in the protocol; here the second gets a handle of its own',
  async (t) => {
    const gateway = await startGateway(t, { upstreams: [reverse] })
    const client = sdk(gateway)
    const first = await client.videos.createCharacter({ name: 'Mossy', video: await clip(gateway) })
    const second = await client.videos.createCharacter({ name: 'Mossy', video: await clip(gateway) })
    t.equal(second.name, 'Mossy')
    const { body } = await gateway.call('GET', '/characters')
    t.same(
      body.data.map(({ id, name }: { id: string; name: string }) => [id, name]),
      [
        [second.id, 'mossy_2'],
        [first.id, 'mossy'],
      ],
    )
  },
)

t.test('pages go by `after` in either order, and whatever was made here is listed', async (t) => {
  const gateway = await startGateway(t, { upstreams: [official] })
  const client = sdk(gateway)
  const ids: string[] = []
  for (const prompt of ['one', 'two', 'three']) {
    const { body } = await gateway.call('POST', '/generate', { prompt })
    ids.push(body.id)
    await gateway.advance(1)
  }
  const collect = async (order: 'asc' | 'desc') => {
    const found: string[] = []
    for await (const { id } of client.videos.list({ limit: 2, order })) found.push(id)
    return found
  }
  t.same(await collect('desc'), ids.toReversed())
  t.same(await collect('asc'), ids)
  t.match(await client.get('/videos?limit=0'), { data: [], first_id: null, has_more: true })
})

t.test('what no upstream can do is a 400 of the protocol and is not sent again', async (t) => {
  const gateway = await startGateway(t)
  const client = sdk(gateway)
  const refused = async (call: Promise<unknown>, param: string, code = 'invalid_value') => {
    const error = await call.then(
      () => null,
      (thrown: unknown) => thrown,
    )
    t.ok(error instanceof BadRequestError, String(error))
    t.match(error, { status: 400, param, code, type: 'invalid_request_error' })
  }
  const prompt = 'paper boat in rain'
  await refused(client.videos.create({ prompt, size: '1792x1024' }), 'size')
  await refused(create(client, { prompt, model: 'sora-9' }), 'model')
  await refused(create(client, { prompt, seconds: 'many' }), 'seconds')
  await refused(client.videos.create({ prompt, input_reference: { file_id: 'file_1' } }), 'input_reference')
  await refused(create(client, { prompt, n: 2 }), 'n', 'unknown_parameter')
  const { id } = await create(client, { prompt, seconds: '5' })
  await refused(client.videos.downloadContent(id, { variant: 'spritesheet' }), 'variant')
  await refused(client.videos.remix(id, { prompt: 'at dusk' }), 'video')
  await refused(client.videos.delete(id), 'video_id')
  await gateway.finished(id)
  await refused(client.videos.extend({ prompt, seconds: '4', video: { id } }), 'video')
  const elsewhere = sdk(gateway, { 'understudy-max-cost-usd': '0.01' })
  await refused(elsewhere.videos.create({ prompt }), 'understudy-max-cost-usd')
})

t.test('a relay of reverse kind that speaks the protocol remixes too', async (t) => {
  const relay = {
    ...official,
    id: 'relay',
    kind: 'reverse' as const,
    apiKey: 'relay-key-0001',
    remixes: true,
  }
  const gateway = await startGateway(t, { upstreams: [relay] })
  const client = sdk(gateway)
  const { id } = await client.videos.create({ prompt: 'paper boat in rain' })
  await gateway.finished(id)
  const remix = await client.videos.remix(id, { prompt: 'at dusk' })
  t.equal((await finished(gateway, client, remix.id)).status, 'completed')
  t.match(gateway.simulator.control.renders().at(-1), { upstream: 'relay', source: { kind: 'remix' } })
  t.ok((await client.videos.delete(remix.id)).deleted)
})

t.test('headers and a suffix of the model choose the route of one request', async (t) => {
  const gateway = await startGateway(t)
  const upstreamOf = async (headers: Record<string, string>, model = 'sora-2') => {
    const video: any = await create(sdk(gateway, headers), { prompt: 'a boat', model, seconds: '10' })
    t.equal(video.model, 'sora-2')
    return video.understudy.upstream
  }
  t.equal(await upstreamOf({}), 'reseller')
  t.equal(await upstreamOf({}, 'sora-2:stability'), 'official')
  t.equal(await upstreamOf({ 'understudy-priority': 'cost' }, 'sora-2:stability'), 'reseller')
  t.equal(await upstreamOf({ 'understudy-priority': 'stability' }), 'official')
  t.equal(await upstreamOf({ 'understudy-upstreams': 'official, other' }), 'official')
  t.equal(await upstreamOf({ 'understudy-max-cost-usd': '0.2' }, 'sora-2:stability'), 'reseller')
})

t.test(
  'a picture goes along as a file, as a data URL and as JSON; a repeated key makes one video',
  async (t) => {
    const gateway = await startGateway(t, { upstreams: [official] })
    const png =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
    const client = sdk(gateway)
    const prompt = 'a boat'
    const file = await toFile(Buffer.from(png, 'base64'), 'a.png', { type: 'image/png' })
    await client.videos.create({ prompt, input_reference: file })
    await client.videos.create({ prompt, input_reference: { image_url: `data:image/png;base64,${png}` } })
    const json = { prompt, seconds: 8, input_reference: { image_url: `data:image/png;base64,${png}` } }
    const headers = { 'idempotency-key': 'once' }
    const first = await gateway.call('POST', '/v1/videos', json, headers)
    const again = await gateway.call('POST', '/v1/videos', json, headers)
    t.equal(again.body.id, first.body.id)
    t.equal(again.headers.get('idempotent-replayed'), 'true')
    const { data } = await client.videos.list()
    for (const { id } of data) await gateway.finished(id)
    t.same(
      gateway.simulator.control.renders().map(({ reference }) => reference?.kind),
      ['image', 'image', 'image'],
    )
  },
)

t.test('a path that is not there is told in the envelope, without a key', async (t) => {
  const gateway = await startGateway(t)
  const { status, body } = await gateway.call('POST', '/v1/images', { prompt: 'a' }, { authorization: '' })
  t.equal(status, 404)
  t.match(body, { error: { message: 'Invalid URL (POST /v1/images)', type: 'invalid_request_error' } })
})
