import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulator.ts'
import { client, form, heldClock, official, read, stage } from './stage.ts'

/** The speakers of the OpenAI Videos protocol, one by one (docs/vendors/openai-videos.md#who-speaks-it). */

const boat = { prompt: 'a boat', seconds: '4', size: '160x90' }
const asForm = (more: [string, string][] = []) => form([...Object.entries(boat), ...more])
const speaker = (
  profile: NonNullable<SimulatedUpstream['profile']>,
  quirks: Partial<SimulatedUpstream> = {},
) =>
  official({
    id: profile,
    profile,
    kind: ['vllm-omni', 'sglang', 'trtllm'].includes(profile) ? 'self_hosted' : 'official',
    ...quirks,
  })

async function start(t: Parameters<typeof stage>[0], upstream: SimulatedUpstream) {
  const simulator = await stage(t, [upstream], heldClock())
  return { simulator, ask: client(simulator, upstream) }
}

t.test('Azure: its own path, the api-key header, sparse objects, deployments, a day of life', async (t) => {
  const upstream = speaker('azure')
  const { simulator, ask } = await start(t, upstream)
  t.equal(simulator.baseUrl('azure'), `${simulator.origin}/up/azure/openai/v1`)
  const withHeader = { headers: { 'api-key': upstream.apiKey } }
  t.equal((await ask('GET', '/videos', undefined, withHeader)).status, 200)
  const created = (await ask('POST', '/videos', boat)).json
  t.match(created, { id: /^video_[0-9a-f]{32}$/, quality: 'standard' })
  t.equal('error' in created, false)
  simulator.control.finish(created.id)
  t.match((await ask('GET', `/videos/${created.id}`)).json, { expires_at: created.created_at + 86_400 })
  t.match(await ask('POST', '/videos', { ...boat, model: 'sora-9' }), {
    status: 404,
    json: { error: { type: 'video_generation_user_error', message: /deployment .* does not exist/ } },
  })
})

t.test('new-api: task ids twice, content by proxy, no list and no delete', async (t) => {
  const { simulator, ask } = await start(t, speaker('new-api', { statusWords: { queued: 'submitted' } }))
  const { id, ...created } = (await ask('POST', '/videos', asForm([['watermark', 'false']]))).json
  t.match(created, { task_id: id, status: 'submitted' })
  t.match(simulator.control.renders(), [{ extras: { watermark: 'false' } }])
  t.match(await ask('GET', `/videos/${id}/content`), {
    status: 400,
    json: { error: { message: 'Task is not completed yet, current status: IN_PROGRESS' } },
  })
  t.match((await ask('GET', '/videos')).json.error.message, /^Invalid URL/)
  t.match((await ask('DELETE', `/videos/${id}`)).json.error.message, /^Invalid URL/)
  t.match(await ask('GET', '/videos/task_x'), { status: 404, json: { code: 'task_not_exist', data: null } })
  simulator.control.finish(id)
  t.equal((await ask('GET', `/videos/${id}/content`)).text.slice(4, 8), 'ftyp')
  t.equal((await ask('POST', `/videos/${id}/remix`, { prompt: 'at night' })).json.remixed_from_video_id, id)
  t.equal((await ask('POST', '/videos/edits', { prompt: 'x', video: { id } })).status, 404)
})

t.test('new-api relays: a brief 202, a URL in metadata, long ids, references by address', async (t) => {
  const upstream = speaker('new-api', {
    createStatus: 202,
    briefCreate: true,
    urlField: 'metadata.url',
    idForm: 'long',
  })
  const { simulator, ask } = await start(t, upstream)
  const created = await ask('POST', '/videos', { ...boat, input_reference: 'https://cdn.example/a.jpg' })
  t.equal(created.status, 202)
  const { id } = created.json
  t.ok(id.length > 150)
  t.same(created.json, { id, status: 'queued', polling_url: `${simulator.baseUrl('new-api')}/videos/${id}` })
  simulator.control.finish(id)
  const { json } = await ask('GET', `/videos/${id}`)
  t.equal((await read(await fetch(json.metadata.url))).status, 200)
})

const field = (param: string) => ({
  status: 400,
  json: { error: { type: 'Bad Request', param: `body.${param}`, code: 400 } },
})

t.test('vLLM-Omni: forms alone, errors in an envelope, any length and size, no progress', async (t) => {
  const { ask } = await start(t, speaker('vllm-omni'))
  t.match(await ask('POST', '/videos', boat), field('prompt'))
  t.match(await ask('POST', '/videos', form(Object.entries({ ...boat, size: 'big' }))), field('size'))
  t.match(await ask('POST', '/videos', asForm([['model', 'another']])), {
    status: 400,
    json: { error: { message: /^Model mismatch: request specifies 'another'/, param: null, code: 400 } },
  })
  const odd = form(Object.entries({ ...boat, seconds: '7', size: '1000x999' }))
  t.match((await ask('POST', '/videos', odd)).json, { seconds: '7', size: '1000x999' })
  const { json } = await ask('POST', '/videos', asForm([['num_frames', '81']]))
  t.match(json, {
    id: /^video_gen_/,
    media_type: 'video/mp4',
    quality: 'default',
    fps: 24,
    num_frames: 96,
    duration_s: 4,
    stage_durations: {},
    peak_memory_mb: 0,
    action: null,
    inference_time_s: null,
  })
  t.match((await ask('GET', `/videos/${json.id}`)).json, { status: 'in_progress', progress: 0 })
  t.match(await ask('GET', '/videos/nope'), { status: 404, json: { error: { message: 'Video not found' } } })
  t.match(await ask('GET', `/videos/${json.id}/content?variant=gif`), {
    status: 404,
    json: { error: { message: 'Generation is still in-progress' } },
  })
  t.same((await ask('POST', '/nothing', {})).json, { detail: 'Not Found' }, 'no route, no handler')
  t.match(await ask('GET', '/videos?limit=101'), {
    status: 400,
    json: { error: { param: 'query.limit', code: 400 } },
  })
  t.match(await ask('GET', '/videos?after=nope'), { status: 200, json: { data: [], has_more: false } })
  t.match(await ask('POST', '/videos', form(Object.entries({ ...boat, size: '0x90' }))), {
    status: 400,
    json: { error: { type: 'BadRequestError', param: null } },
  })
  t.match(await ask('POST', '/videos', asForm([['image_reference', 'a.png']])), {
    status: 400,
    json: { error: { param: null } },
  })
  t.equal((await ask('POST', '/videos', asForm([['input_reference', 'a.png']]))).status, 400)
})

t.test(
  'vLLM-Omni: the poll of a failed job has the status of its failure, and deleting cancels',
  async (t) => {
    const { simulator, ask } = await start(t, speaker('vllm-omni'))
    for (const [code, status] of [
      ['processing_error', 500],
      ['400', 400],
      ['404', 404],
      ['503', 503],
    ] as const) {
      const { id } = (await ask('POST', '/videos', asForm())).json
      simulator.control.failJob(id, code)
      t.match(await ask('GET', `/videos/${id}`), {
        status,
        json: { id, status: 'failed', error: { code: status }, inference_time_s: Number, expires_at: null },
      })
      t.match(await ask('GET', `/videos/${id}/content`), {
        status: 422,
        json: { error: { message: /failed/ } },
      })
    }
    const reference = '{"image_url":"https://cdn.example/a.png"}'
    const { id } = (await ask('POST', '/videos', asForm([['image_reference', reference]]))).json
    t.same((await ask('DELETE', `/videos/${id}`)).json, { id, object: 'video.deleted', deleted: true })
    t.match(simulator.control.renders().at(-1), { reference: { kind: 'image_url' }, state: 'deleted' })
  },
)

t.test('vLLM-Omni with several workers answers 409 to every call about videos', async (t) => {
  const { ask } = await start(t, speaker('vllm-omni', { apiServers: 2 }))
  for (const [method, path, body] of [
    ['POST', '/videos', asForm()],
    ['GET', '/videos', undefined],
    ['GET', '/videos/nope', undefined],
    ['GET', '/videos/nope/content', undefined],
    ['DELETE', '/videos/nope', undefined],
  ] as const)
    t.match(await ask(method, path, body), {
      status: 409,
      json: { error: { type: 'Conflict', message: /--api-server-count > 1/ } },
    })
})

t.test('SGLang: a UUID, pages without prompts, variants by number, any model, size and length', async (t) => {
  const { simulator, ask } = await start(t, speaker('sglang'))
  const odd = { prompt: 'a boat', model: 'another', seconds: 600, size: '1000x999' }
  const { id, ...created } = (await ask('POST', '/videos', odd)).json
  t.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  t.match(created, {
    status: 'queued',
    model: 'another',
    seconds: '600',
    size: '1000x999',
    quality: 'standard',
  })
  t.match((await ask('GET', `/videos/${id}`)).json, { status: 'in_progress', progress: 50 })
  t.match(await ask('GET', `/videos/${id}/content`), { status: 404, json: { detail: /in-progress/ } })
  await ask('POST', '/videos', { ...boat, seconds: 4 })
  const list = (await ask('GET', '/videos?limit=1')).json
  t.match(list, { object: 'list', first_id: /./, last_id: list.first_id, has_more: true })
  t.notOk('prompt' in list.data[0])
  t.match(await ask('GET', '/videos?limit=101'), {
    status: 422,
    json: { detail: [{ loc: ['query', 'limit'] }] },
  })
  const bad = form(Object.entries({ ...boat, seconds: 'four' }))
  t.match(await ask('POST', '/videos', bad), { status: 422, json: { detail: [{ type: 'int_parsing' }] } })
  const words = form(Object.entries({ ...boat, input_reference: 'https://files.example/a.png' }))
  t.match(await ask('POST', '/videos', words), {
    status: 422,
    json: { detail: [{ type: 'value_error', loc: ['body', 'input_reference'] }] },
  })
  simulator.control.failJob(id, 'processing_error')
  t.match(await ask('GET', `/videos/${id}/content`), {
    status: 404,
    json: { detail: 'Video variant None not found' },
  })
  const failed = (await ask('GET', `/videos/${id}`)).json
  t.same(Object.keys(failed.error), ['message'])
  t.match(failed, { completed_at: null, file_path: null })
  const done = (await ask('POST', '/videos', { ...boat, seconds: 4 })).json.id
  simulator.control.finish(done)
  t.equal((await ask('GET', `/videos/${done}/content?variant=0`)).text.slice(4, 8), 'ftyp')
  t.match(await ask('GET', `/videos/${done}/content?variant=video`), {
    status: 404,
    json: { detail: 'Video variant video not found' },
  })
})

t.test('SGLang: a delete hides a job, and its engine goes on', async (t) => {
  const { simulator, ask } = await start(
    t,
    speaker('sglang', { maxInFlight: 1, render: { milliseconds: 5000 } }),
  )
  const { id } = (await ask('POST', '/videos', { ...boat, seconds: 4 })).json
  t.match((await ask('DELETE', `/videos/${id}`)).json, { id, status: 'deleted' })
  t.equal((await ask('GET', `/videos/${id}`)).status, 404)
  t.same((await ask('GET', '/videos')).json.data, [])
  t.equal((await ask('POST', '/videos', { ...boat, seconds: 4 })).status, 429, 'its slot is still taken')
  t.equal(simulator.control.renders().length, 1)
})

t.test('SGLang asks for no key', async (t) => {
  const { simulator } = await start(t, speaker('sglang'))
  t.equal((await fetch(`${simulator.baseUrl('sglang')}/videos`)).status, 200)
})

t.test('an older SGLang has no use for a form without a file', async (t) => {
  const { ask } = await start(t, speaker('sglang', { multipartNeedsFile: true }))
  t.equal((await ask('POST', '/videos', boat)).status, 200)
  t.match(await ask('POST', '/videos', asForm()), { status: 400, json: { detail: /input_reference/ } })
})

t.test(
  'TensorRT-LLM: 202, numbers, 422 for the unknown, errors as text, guardrails that say nothing',
  async (t) => {
    const { simulator, ask } = await start(t, speaker('trtllm'))
    const created = await ask('POST', '/videos', { ...boat, seconds: 4 })
    t.match(created, { status: 202, json: { status: 'queued', duration: 4 } })
    t.notOk('seconds' in created.json)
    const { id } = created.json
    t.match((await ask('GET', `/videos/${id}`)).json.status, 'generating')
    t.equal((await ask('POST', '/videos', { ...boat, seconds: 61 })).status, 422)
    simulator.control.setFaults('trtllm', [{ kind: 'stuck', progress: 95 }])
    const late = (await ask('POST', '/videos', { ...boat, seconds: 60 })).json.id
    simulator.control.clearFaults('trtllm')
    for (let poll = 0; poll < 2; poll += 1) await ask('GET', `/videos/${late}`)
    t.match((await ask('GET', `/videos/${late}`)).json, { status: 'postprocessing' })
    t.match(await ask('GET', `/videos/${id}/content`), {
      status: 400,
      json: { object: 'error', type: 'BadRequestError', code: 400, param: null },
    })
    t.match(await ask('GET', '/videos/video_x'), { status: 404, json: { type: 'NotFoundError' } })
    t.match(await ask('POST', '/videos', { ...boat, n: 2 }), {
      status: 422,
      json: { code: 422, message: /'n'/ },
    })
    simulator.control.failJob(id, 'processing_error')
    t.type((await ask('GET', `/videos/${id}`)).json.error, 'string')
    t.same((await ask('DELETE', `/videos/${id}`)).json, { deleted: true })
    t.match(await ask('POST', '/videos', { ...boat, prompt: 'forbidden' }), {
      status: 500,
      json: { message: 'Video generation failed' },
    })
    const typed = { ...boat, image_reference: { content: 'iVBORw0K', format: 'base64' } }
    t.equal((await ask('POST', '/videos', typed)).status, 202)
  },
)

t.test(
  'Gemini: other names for length and shape, one word for waiting, a URL that wants the key',
  async (t) => {
    const upstream = speaker('gemini-compat')
    const { simulator, ask } = await start(t, upstream)
    t.equal(simulator.baseUrl(upstream.id), `${simulator.origin}/up/gemini-compat/v1beta/openai`)
    const created = await ask(
      'POST',
      '/videos',
      form([
        ['model', 'sora-2'],
        ['prompt', 'a boat'],
        ['duration_seconds', '8'],
        ['aspect_ratio', '9:16'],
        ['negative_prompt', 'people'],
      ]),
    )
    t.match(created.json, { status: 'processing', size: '90x160', seconds: '8' })
    t.match(simulator.control.renders(), [{ extras: { negative_prompt: 'people' } }])
    const { id } = created.json
    t.match(await ask('GET', `/videos/${id}/content`), {
      status: 404,
      json: { error: { status: 'NOT_FOUND' } },
    })
    simulator.control.finish(id)
    const { url } = (await ask('GET', `/videos/${id}`)).json
    t.equal((await read(await fetch(url))).status, 401)
    const headers = { authorization: `Bearer ${upstream.apiKey}` }
    t.equal((await read(await fetch(url, { headers }))).text.slice(4, 8), 'ftyp')
    t.equal((await ask('GET', '/videos')).status, 404)
  },
)

t.test('a poll that comes too soon is a 429', async (t) => {
  const clock = heldClock()
  const upstream = speaker('new-api', { minPollMs: 5000 })
  const simulator = await stage(t, [upstream], clock)
  const ask = client(simulator, upstream)
  const { id } = (await ask('POST', '/videos', boat)).json
  const statuses: number[] = []
  for (const pause of [0, 4999, 1]) {
    clock.advance(pause)
    statuses.push((await ask('GET', `/videos/${id}`)).status)
  }
  t.same(statuses, [200, 429, 200])
})
