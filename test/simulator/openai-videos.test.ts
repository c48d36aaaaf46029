import t from 'tap'
import { client, form, heldClock, official, stage } from './stage.ts'

const boat = { model: 'sora-2', prompt: 'paper boat in rain', seconds: '8', size: '160x90' }

t.test('a JSON create answers the queued Video of the protocol', async (t) => {
  const upstream = official()
  const ask = client(await stage(t, [upstream], heldClock()), upstream)
  const answer = await ask('POST', '/videos', boat)
  t.equal(answer.status, 200)
  t.match(answer.json.id, /^video_[0-9a-f]{48}$/)
  t.same(answer.json, {
    id: answer.json.id,
    object: 'video',
    model: 'sora-2',
    status: 'queued',
    progress: 0,
    created_at: 1790000000,
    completed_at: null,
    expires_at: null,
    prompt: 'paper boat in rain',
    size: '160x90',
    seconds: '8',
    remixed_from_video_id: null,
    error: null,
  })
  t.match(answer.headers.get('x-request-id'), /^req_/)
  t.equal(answer.headers.get('x-ratelimit-limit-requests'), '25')
  t.equal(answer.headers.get('openai-poll-after-ms'), '1000')
})

t.test('a multipart create means the same as JSON, with defaults for what is left out', async (t) => {
  const upstream = official()
  const ask = client(await stage(t, [upstream]), upstream)
  const full = await ask('POST', '/videos', form(Object.entries(boat)))
  t.match(full.json, { ...boat, status: 'queued' })
  const least = await ask('POST', '/videos', form([['prompt', 'x']]))
  t.match(least.json, { model: 'sora-2', seconds: '4', size: '160x90' })
})

t.test(
  'a job goes from queued over in_progress to completed on its n-th poll, and its content is an MP4',
  async (t) => {
    const upstream = official({ render: { polls: 3 } })
    const ask = client(await stage(t, [upstream], heldClock()), upstream)
    const { id } = (await ask('POST', '/videos', boat)).json
    t.match((await ask('GET', `/videos/${id}/content`)).json.error.message, /not ready/)
    t.match((await ask('GET', `/videos/${id}`)).json, { status: 'in_progress', progress: 33 })
    t.match((await ask('GET', `/videos/${id}`)).json, { status: 'in_progress', progress: 66 })
    t.match((await ask('GET', `/videos/${id}`)).json, {
      status: 'completed',
      progress: 100,
      completed_at: 1790000000,
      expires_at: 1790003600,
    })
    const content = await ask('GET', `/videos/${id}/content?variant=video`)
    t.equal(content.headers.get('content-type'), 'video/mp4')
    t.equal(content.text.slice(4, 8), 'ftyp')
    t.equal((await ask('GET', `/videos/${id}/content?variant=thumbnail`)).status, 404)
    t.match((await ask('GET', `/videos/${id}/content?variant=gif`)).json.error, { param: 'variant' })
  },
)

t.test('a job that renders by time goes by the given clock, and its content expires', async (t) => {
  const clock = heldClock()
  const upstream = official({ render: { milliseconds: 1000 }, expiresAfterSeconds: 60 })
  const ask = client(await stage(t, [upstream], clock), upstream)
  const { id } = (await ask('POST', '/videos', boat)).json
  clock.advance(500)
  t.match((await ask('GET', `/videos/${id}`)).json, { status: 'in_progress', progress: 50 })
  clock.advance(10_000)
  t.match((await ask('GET', `/videos/${id}`)).json, { status: 'completed', completed_at: 1790000001 })
  t.equal((await ask('GET', `/videos/${id}/content`)).status, 200)
  clock.advance(60_000)
  t.match(await ask('GET', `/videos/${id}/content`), { status: 404, json: { error: { code: null } } })
})

t.test('what is not sold, too long or of the wrong type is a 400 that names the parameter', async (t) => {
  const upstream = official({ rejectUnknownFields: true })
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const cases: [object, string, string][] = [
    [{ ...boat, seconds: '10' }, 'seconds', 'invalid_value'],
    [{ ...boat, seconds: 8 }, 'seconds', 'invalid_type'],
    [{ ...boat, size: '1x1' }, 'size', 'invalid_value'],
    [{ ...boat, model: 'veo' }, 'model', 'invalid_value'],
    [{ ...boat, prompt: '' }, 'prompt', 'invalid_value'],
    [{ ...boat, prompt: 'x'.repeat(32_001) }, 'prompt', 'invalid_value'],
    [{ seconds: '8' }, 'prompt', 'missing_required_parameter'],
    [{ ...boat, influence_strength: 2 }, 'influence_strength', 'invalid_value'],
    [{ ...boat, characters: [{ id: 'a' }] }, 'characters', 'invalid_value'],
    [{ ...boat, seed: 1 }, 'seed', 'unknown_parameter'],
  ]
  for (const [body, param, code] of cases) {
    const answer = await ask('POST', '/videos', body)
    t.match(answer, { status: 400, json: { error: { param, code, type: 'invalid_request_error' } } })
  }
  t.equal((await ask('POST', '/videos', [])).status, 400)
  t.equal(simulator.control.renders().length, 0)
})

t.test('an upstream without lists takes any even size and whole number of seconds', async (t) => {
  const { durations: _durations, sizes: _sizes, ...anything } = official({ secondsType: 'number' })
  const ask = client(await stage(t, [anything]), anything)
  t.match((await ask('POST', '/videos', { ...boat, seconds: 7, size: '64x48' })).json, {
    seconds: 7,
    size: '64x48',
  })
  t.equal((await ask('POST', '/videos', { ...boat, size: '65x48' })).status, 400)
  t.equal((await ask('POST', '/videos', { ...boat, size: 'wide' })).status, 400)
  t.equal((await ask('POST', '/videos', { ...boat, seconds: '121' })).status, 400)
})

t.test('a list is newest first and goes on after an id', async (t) => {
  const upstream = official()
  const ask = client(await stage(t, [upstream]), upstream)
  const ids: string[] = []
  for (let index = 0; index < 3; index += 1) ids.unshift((await ask('POST', '/videos', boat)).json.id)
  const first = (await ask('GET', '/videos?limit=2')).json
  t.same(
    first.data.map((video: { id: string }) => video.id),
    ids.slice(0, 2),
  )
  t.match(first, { object: 'list', first_id: ids[0], last_id: ids[1], has_more: true })
  const rest = (await ask('GET', `/videos?after=${ids[1]}`)).json
  t.match(rest, { first_id: ids[2], last_id: ids[2], has_more: false })
  t.equal((await ask('GET', '/videos?order=asc&limit=1')).json.first_id, ids[2])
  t.same((await ask('GET', '/videos?limit=0')).json.data, [])
  t.equal((await ask('GET', '/videos?limit=101')).json.error.param, 'limit')
})

t.test('only a finished video can be deleted, unless deleting cancels', async (t) => {
  const upstream = official()
  const hosted = official({ id: 'hosted', kind: 'self_hosted' })
  const simulator = await stage(t, [upstream, hosted])
  const ask = client(simulator, upstream)
  const { id } = (await ask('POST', '/videos', boat)).json
  t.equal((await ask('DELETE', `/videos/${id}`)).status, 400)
  simulator.control.finish(id)
  t.same((await ask('DELETE', `/videos/${id}`)).json, { id, object: 'video.deleted', deleted: true })
  t.match((await ask('GET', `/videos/${id}`)).json.error.message, `Video with id '${id}' not found.`)

  const askHosted = client(simulator, hosted)
  const running = (await askHosted('POST', '/videos', boat)).json.id
  t.equal((await askHosted('DELETE', `/videos/${running}`)).status, 200)
  t.match(simulator.control.renders('hosted'), [{ id: running, state: 'deleted', billedUsd: 0 }])
})

t.test('a wrong key and an unknown path are answered in the error envelope', async (t) => {
  const upstream = official()
  const ask = client(await stage(t, [upstream]), upstream)
  const wrongKey = await ask('GET', '/videos', undefined, { headers: { authorization: 'Bearer other' } })
  t.match(wrongKey, { status: 401, json: { error: { code: 'invalid_api_key' } } })
  const elsewhere = await ask('POST', '/video/create', {})
  t.match(elsewhere, { status: 404, json: { error: { message: 'Invalid URL (POST /v1/video/create)' } } })
  const broken = await ask('POST', '/videos', undefined, {
    body: '{',
    headers: { authorization: 'Bearer key-o', 'content-type': 'application/json' },
  })
  t.match(broken, { status: 400, json: { error: { type: 'invalid_request_error' } } })
})

t.test('quirks: 202, sparse, a url field, a substituted model, a limit of running jobs', async (t) => {
  const upstream = official({
    createStatus: 202,
    sparse: true,
    urlField: 'video_url',
    echoModel: 'muse',
    maxInFlight: 1,
    pollAfterMs: 0,
  })
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const created = await ask('POST', '/videos', boat)
  t.equal(created.status, 202)
  t.equal(created.headers.get('openai-poll-after-ms'), '0')
  t.same(Object.keys(created.json).toSorted(), [
    'created_at',
    'id',
    'model',
    'object',
    'progress',
    'quality',
    'seconds',
    'size',
    'status',
  ])
  t.equal(created.json.model, 'muse')
  const second = await ask('POST', '/videos', boat)
  t.match(second, { status: 429, json: { error: { type: 'video_generation_user_error', code: null } } })
  simulator.control.finish(created.json.id)
  const done = (await ask('GET', `/videos/${created.json.id}`)).json
  const file = await fetch(done.video_url)
  t.equal(file.headers.get('content-type'), 'video/mp4')
  await file.arrayBuffer()
})
