import OpenAI, { APIError, AzureOpenAI } from 'openai'
import t from 'tap'
import { aClip } from '../fixtures/clips.ts'
import { keys, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const key = { authorization: `Bearer ${keys.studio}` }

interface Sent {
  method?: string
  headers?: Record<string, string>
  body?: string | FormData | Buffer<ArrayBuffer>
}

function send(gateway: Gateway, path: string, init: Sent = {}): Promise<Response> {
  return fetch(`${gateway.address}${path}`, { ...init, headers: { ...key, ...init.headers } })
}

/** The status of the error that a call ends with; null when it succeeds. */
async function statusOf(call: Promise<unknown>): Promise<unknown> {
  const ended = await call.catch((error: unknown) => error)
  return ended instanceof APIError ? ended.status : null
}

function form(parts: Record<string, string | File>): FormData {
  const data = new FormData()
  for (const [name, value] of Object.entries(parts)) data.append(name, value)
  return data
}

async function video(gateway: Gateway, body: unknown): Promise<{ status: number; body: any }> {
  const answer = await send(gateway, '/v1/videos', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: await answer.json() }
}

t.test('null says nothing about an optional member, and is a fault of a required one', async (t) => {
  const gateway = await startGateway(t)
  const made = await video(gateway, {
    prompt: 'boat',
    model: null,
    seconds: null,
    size: null,
    input_reference: null,
    characters: null,
    metadata: null,
    user: null,
  })
  t.match(made, { status: 200, body: { model: 'sora-2', seconds: '4' } })
  t.match(await video(gateway, { prompt: null }), { status: 400, body: { error: { param: 'prompt' } } })
  t.match(await video(gateway, { prompt: 'boat', input_reference: { image_url: null } }), {
    status: 400,
    body: { error: { param: 'input_reference', message: /needs image_url/ } },
  })
  const native = await gateway.call('POST', '/generate', {
    prompt: 'boat',
    duration: null,
    routing: { priority: null },
  })
  t.equal(native.status, 202)
  t.match(await gateway.call('POST', '/characters', { name: null }), { status: 400 })
})

t.test('forms as clients of many kinds send them', async (t) => {
  const gateway = await startGateway(t)
  const post = async (parts: Record<string, string | File>): Promise<{ status: number; body: any }> => {
    const answer = await send(gateway, '/v1/videos', { method: 'POST', body: form(parts) })
    return { status: answer.status, body: await answer.json() }
  }
  t.match(await post({ prompt: 'boat', seconds: '5.0' }), { status: 200, body: { seconds: '5' } }, 'a float')
  t.match(await post({ prompt: 'boat', seconds: '', size: '', model: '' }), { status: 200 }, 'empty parts')
  t.match(
    await post({ prompt: '' }),
    { status: 400, body: { error: { param: 'prompt' } } },
    'an empty prompt',
  )
  const clip = await aClip({ seconds: 1, width: 320, height: 240 })
  const longName = new File([new Uint8Array(clip)], `${'a'.repeat(4000)}.mp4`, { type: 'video/mp4' })
  const named = await post({ prompt: 'boat', input_reference: longName })
  t.not(named.body.error?.param, 'input_reference', 'a name that is a data URL is shortened')
  const endless = new File([new Uint8Array(clip)], `${'a'.repeat(100_000)}.mp4`, { type: 'video/mp4' })
  t.equal((await post({ prompt: 'boat', input_reference: endless })).status, 200)
  const page = `${gateway.simulator.origin}/clips/boat.mp4?seconds=1&size=320x240`
  const url = await post({ prompt: 'boat', input_reference: page })
  t.match(
    url,
    { status: 400, body: { error: { param: /input_reference/ } } },
    'a URL is fetched, and is no picture',
  )
})

t.test('what an empty query value says is what no value says', async (t) => {
  const gateway = await startGateway(t)
  await video(gateway, { prompt: 'boat' })
  const list = await (await send(gateway, '/v1/videos?limit=&after=&order=')).json()
  t.match(list, { object: 'list', has_more: false, data: [{ object: 'video' }] })
  t.equal((await gateway.call('GET', '/generations?limit=&status=')).body.data.length, 1)
})

t.test('HEAD, If-None-Match and empty bodies are answered as HTTP has them', async (t) => {
  const gateway = await startGateway(t)
  const made = await video(gateway, { prompt: 'boat' })
  await gateway.finished(made.body.id)
  const content = `/v1/videos/${made.body.id}/content`
  const whole = await send(gateway, content)
  const bytes = (await whole.arrayBuffer()).byteLength
  const head = await send(gateway, content, { method: 'HEAD' })
  t.match([head.status, head.headers.get('content-length')], [200, String(bytes)])
  t.equal((await head.arrayBuffer()).byteLength, 0)
  for (const path of [content, `${content}?variant=thumbnail`]) {
    const first = await send(gateway, path)
    const etag = first.headers.get('etag') ?? ''
    await first.arrayBuffer()
    t.equal((await send(gateway, path, { headers: { 'if-none-match': etag } })).status, 304, path)
  }
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  t.equal(
    (await send(gateway, `/generations/${made.body.id}/cancel`, { method: 'POST', body: '', headers: form }))
      .status,
    200,
  )
  t.equal(
    (await send(gateway, `/v1/videos/${made.body.id}`, { method: 'DELETE', headers: form })).status,
    200,
  )
})

t.test('a body that cannot be read is told what to send', async (t) => {
  const gateway = await startGateway(t)
  const post = async (headers: Record<string, string>, path = '/generate') => {
    const answer = await send(gateway, path, {
      method: 'POST',
      body: Buffer.from('{"prompt":"boat"}'),
      headers,
    })
    return { status: answer.status, body: await answer.json() }
  }
  t.match(await post({}), {
    status: 415,
    body: { detail: /Content-Type header is missing. Send Content-Type: application\/json/ },
  })
  t.match(await post({ 'content-type': 'text/xml' }), {
    status: 415,
    body: {
      detail: 'text/xml is not supported. Send Content-Type: application/json or multipart/form-data.',
    },
  })
  for (const encoding of ['gzip', 'br', 'zstd', 'deflate, gzip']) {
    t.match(await post({ 'content-type': 'application/json', 'content-encoding': encoding }), {
      status: 415,
      body: { detail: `${encoding} is not supported; send the body without Content-Encoding.` },
    })
  }
  t.match(await post({ 'content-type': 'text/xml' }, '/v1/videos'), {
    status: 415,
    body: { error: { message: /text\/xml is not supported/, type: 'invalid_request_error' } },
  })
})

t.test(
  'a field, a model or a path that does not exist is answered with the one that was meant',
  async (t) => {
    const gateway = await startGateway(t)
    t.match(await gateway.call('POST', '/generate', { prompt: 'boat', routing: { prioritty: 'cost' } }), {
      status: 400,
      body: {
        errors: [{ pointer: '/routing/prioritty', detail: 'is not a known field; did you mean `priority`?' }],
      },
    })
    t.match(await gateway.call('POST', '/generate', { prompt: 'boat', model: 'sora2' }), {
      status: 422,
      body: { errors: [{ pointer: '/model', detail: /did you mean `sora-2`\?/ }] },
    })
    t.match(await video(gateway, { prompt: 'boat', secnds: '5' }), {
      status: 400,
      body: {
        error: { message: "Unknown parameter: 'secnds'; did you mean `seconds`?", code: 'unknown_parameter' },
      },
    })
  },
)

t.test('every answer below /v1 is in the envelope of OpenAI', async (t) => {
  const gateway = await startGateway(t)
  const isEnvelope = async (what: string, answer: Response) => {
    t.ok(answer.status >= 400, what)
    t.match(answer.headers.get('content-type'), /^application\/json/, what)
    t.match(await answer.json(), { error: { message: String, type: String } }, what)
  }
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    await isEnvelope(`${method} of an unknown path`, await send(gateway, '/v1/chat/completions', { method }))
  }
  await isEnvelope('/v1 itself', await send(gateway, '/v1'))
  await isEnvelope('no key', await fetch(`${gateway.address}/v1/videos`))
  await isEnvelope('a wrong method', await send(gateway, '/v1/videos', { method: 'PUT' }))
  await isEnvelope('a bad percent sign', await send(gateway, '/v1/videos/%zz'))
  await isEnvelope(
    'no JSON',
    await send(gateway, '/v1/videos', {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    }),
  )
  const native = await send(gateway, '/v2/videos')
  t.match(native.headers.get('content-type'), 'application/problem+json')
})

t.test('/v1/models lists what the key may use', async (t) => {
  const gateway = await startGateway(t)
  const client = new OpenAI({ apiKey: keys.studio, baseURL: `${gateway.address}/v1`, maxRetries: 0 })
  const models = await client.models.list()
  t.strictSame(
    models.data.map(({ id }) => id),
    ['sora-2'],
  )
  t.match(await client.models.retrieve('sora-2'), { id: 'sora-2', object: 'model' })
  t.equal(await statusOf(client.models.retrieve('sora-9')), 404)
  const nobody = new OpenAI({ apiKey: 'nobody', baseURL: `${gateway.address}/v1`, maxRetries: 0 })
  t.equal(await statusOf(nobody.models.list()), 401)
})

t.test('user and metadata of SDKs are taken', async (t) => {
  const gateway = await startGateway(t)
  const made = await video(gateway, { prompt: 'boat', user: 'u-1', metadata: { shot: '12b' } })
  t.equal(made.status, 200)
  t.match((await gateway.call('GET', `/generations/${made.body.id}`)).body.metadata, { shot: '12b' })
})

t.test('the AzureOpenAI client of the openai package works, with its paths and its header', async (t) => {
  const gateway = await startGateway(t)
  for (const options of [{}, { deployment: 'sora-2' }]) {
    const client = new AzureOpenAI({
      apiKey: keys.studio,
      endpoint: gateway.address,
      apiVersion: '2025-04-01-preview',
      maxRetries: 0,
      ...options,
    })
    const made = await client.videos.create({ prompt: 'boat', seconds: '4' })
    t.match(made, { object: 'video', model: 'sora-2' })
    await gateway.finished(made.id)
    t.equal((await client.videos.retrieve(made.id)).status, 'completed')
    t.ok((await (await client.videos.downloadContent(made.id)).arrayBuffer()).byteLength > 1000)
  }
  const next = new OpenAI({
    apiKey: 'unused',
    baseURL: `${gateway.address}/openai/v1/`,
    defaultHeaders: { authorization: null, 'api-key': keys.studio },
    maxRetries: 0,
  })
  t.match(await next.videos.create({ prompt: 'boat' }), { object: 'video' })
  t.equal(
    (await fetch(`${gateway.address}/openai/v1/videos`, { headers: { 'api-key': 'wrong' } })).status,
    401,
  )
})
