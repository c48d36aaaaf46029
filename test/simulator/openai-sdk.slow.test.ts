import OpenAI, { BadRequestError, NotFoundError, toFile } from 'openai'
import sharp from 'sharp'
import t from 'tap'
import type { SimulatedUpstream, Simulator } from '../../src/simulator/simulator.ts'
import { renderClip } from '../../src/simulator/clips/clip.ts'
import { official, stage } from './stage.ts'

/**
 * The official `openai` package as it comes, against the profiles that it can talk to
 * (docs/vendors/openai-videos.md#request-encodings).
 */

interface Recorded {
  method: string
  path: string
  type: string
  body: string
}

/** A client of the upstream, and every request that it has sent. */
function recorded(simulator: Simulator, upstream: SimulatedUpstream) {
  const requests: Recorded[] = []
  const baseURL = simulator.baseUrl(upstream.id)
  const record: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    // The package asks a data URL once what its runtime makes of forms.
    if (!request.url.startsWith(baseURL)) return fetch(request)
    const type = request.headers.get('content-type') ?? ''
    const body = await request.clone().text()
    requests.push({ method: request.method, path: request.url.slice(baseURL.length), type, body })
    return fetch(request)
  }
  const openai = new OpenAI({ apiKey: upstream.apiKey, baseURL, maxRetries: 0, fetch: record })
  return { openai, requests }
}

const upstream = official({ sizes: ['1280x720', '720x1280'], characters: true })

t.test('create, retrieve, list, download, remix and delete pass unchanged', async (t) => {
  const simulator = await stage(t, [upstream])
  const { openai, requests } = recorded(simulator, upstream)
  const created = await openai.videos.create({
    model: 'sora-2',
    prompt: 'a paper boat',
    seconds: '8',
    size: '1280x720',
  })
  t.match(created, { object: 'video', status: 'queued', seconds: '8', size: '1280x720' })
  t.equal((await openai.videos.retrieve(created.id)).status, 'in_progress')
  t.equal((await openai.videos.retrieve(created.id)).status, 'completed')
  const listed: string[] = []
  for await (const video of openai.videos.list({ limit: 1 })) listed.push(video.id)
  t.same(listed, [created.id])
  const content = await openai.videos.downloadContent(created.id)
  t.equal(
    Buffer.from(await content.arrayBuffer())
      .subarray(4, 8)
      .toString(),
    'ftyp',
  )
  const remix = await openai.videos.remix(created.id, { prompt: 'at dusk' })
  t.equal(remix.remixed_from_video_id, created.id)
  t.same(await openai.videos.delete(created.id), { id: created.id, object: 'video.deleted', deleted: true })

  // What the package really sent: forms even for text alone, JSON for a remix.
  t.match(requests[0], {
    method: 'POST',
    path: '/videos',
    type: /^multipart\/form-data/,
    body: /name="seconds"/,
  })
  t.match(
    requests.map(({ method, path }) => `${method} ${path.replace(created.id, 'ID')}`),
    [
      'POST /videos',
      'GET /videos/ID',
      'GET /videos/ID',
      'GET /videos?limit=1',
      'GET /videos/ID/content',
      'POST /videos/ID/remix',
      'DELETE /videos/ID',
    ],
  )
  t.match(requests.at(-2), { type: 'application/json', body: '{"prompt":"at dusk"}' })
})

t.test('references come as a file, as a URL and as a file’s id', async (t) => {
  const simulator = await stage(t, [upstream])
  const { openai, requests } = recorded(simulator, upstream)
  const create = { width: 1280, height: 720, channels: 3 as const, background: 'teal' }
  const picture = await sharp({ create }).png().toBuffer()
  const file = await toFile(picture, 'boat.png', { type: 'image/png' })
  await openai.videos.create({ prompt: 'a boat', size: '1280x720', input_reference: file })
  await openai.videos.create({
    prompt: 'a boat',
    input_reference: { image_url: 'https://cdn.example/a.png' },
  })
  await openai.videos.create({ prompt: 'a boat', input_reference: { file_id: 'file_1' } })
  t.match(simulator.control.renders(), [
    { reference: { kind: 'image', bytes: picture.length } },
    { reference: { kind: 'image_url' } },
    { reference: { kind: 'file_id' } },
  ])
  t.match(requests[0]?.body, /name="input_reference"; filename="boat.png"/)
  t.match(requests[1]?.body, /name="input_reference\[image_url\]"/)
  t.match(requests[2]?.body, /name="input_reference\[file_id\]"/)
})

t.test('edits, extensions and characters', async (t) => {
  const simulator = await stage(t, [upstream])
  const { openai } = recorded(simulator, upstream)
  const source = await openai.videos.create({ prompt: 'a boat', seconds: '4' })
  simulator.control.finish(source.id)
  const edited = await openai.videos.edit({ prompt: 'a red boat', video: { id: source.id } })
  t.equal(edited.remixed_from_video_id, source.id)
  const extended = await openai.videos.extend({ prompt: 'on', seconds: '8', video: { id: source.id } })
  t.equal(extended.seconds, '12')
  const clip = await renderClip({ seconds: 3, width: 64, height: 36, seed: 'mossy' })
  const made = await openai.videos.createCharacter({
    name: 'Mossy',
    video: await toFile(clip, 'mossy.mp4', { type: 'video/mp4' }),
  })
  t.same(await openai.videos.getCharacter(made.id ?? ''), made)
})

const failed = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

t.test('what is wrong comes out as the package’s own errors', async (t) => {
  const simulator = await stage(t, [upstream])
  const { openai } = recorded(simulator, upstream)
  const invalid = await failed(openai.videos.create({ prompt: 'a boat', size: '1024x1792' }))
  t.ok(invalid instanceof BadRequestError)
  t.match(invalid, { param: 'size', code: 'invalid_value' })
  t.ok((await failed(openai.videos.retrieve('video_x'))) instanceof NotFoundError)
  simulator.control.setFaults(upstream.id, [{ kind: 'rate_limited' }])
  await t.rejects(openai.videos.create({ prompt: 'a boat' }), {
    status: 429,
    code: 'rate_limit_exceeded',
    requestID: /^req_/,
  })
})

t.test(
  'the package’s own retry after a lost answer makes a second video, as no header stops it',
  async (t) => {
    const simulator = await stage(t, [upstream])
    const { openai } = recorded(simulator, upstream)
    simulator.control.setFaults(upstream.id, [{ kind: 'server_error', accepted: true, times: 1 }])
    await openai.videos.create({ prompt: 'a boat' }, { maxRetries: 1, idempotencyKey: 'one' })
    t.equal(simulator.control.renders().length, 2)
  },
)

t.test('a create and its poll pass at every profile that takes forms', async (t) => {
  const profiles = ['openai', 'azure', 'new-api', 'vllm-omni', 'sglang', 'trtllm', 'gemini-compat'] as const
  const upstreams = profiles.map((profile) => official({ id: profile, profile, models: ['sora-2'] }))
  const simulator = await stage(t, upstreams)
  for (const each of upstreams) {
    const { openai } = recorded(simulator, each)
    const created = await openai.videos.create({ model: 'sora-2', prompt: 'a boat', seconds: '4' })
    const polled = await openai.videos.retrieve(created.id)
    t.equal(polled.id, created.id, each.id)
  }
})
