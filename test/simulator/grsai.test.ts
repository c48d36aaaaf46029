import t from 'tap'
import { client, read, stage, vendor } from './stage.ts'

/** grsai, as docs/vendors/job-apis.md#grsai describes it. */

const order = { model: 'sora-2', prompt: 'a fox', aspectRatio: '16:9', duration: 10, size: 'small' }
const polled = { ...order, webHook: '-1', shutProgress: true }

t.test('with webHook "-1" a create gives an id, and polls are POSTs', async (t) => {
  const upstream = vendor('grsai')
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const created = await ask('POST', '/v1/video/sora-video', polled)
  t.match(created.json, { code: 0, msg: 'success', data: { id: /^[0-9a-f-]{36}$/ } })
  const { id } = created.json.data
  const result = async () => (await ask('POST', '/v1/draw/result', { id })).json
  t.same(await result(), {
    code: 0,
    msg: 'success',
    data: { id, results: [], progress: 50, status: 'running', failure_reason: '', error: '' },
  })
  const { data } = await result()
  t.match(data, { status: 'succeeded', results: [{ removeWatermark: true, pid: /^s_/ }] })
  t.equal((await read(await fetch(data.results[0].url))).status, 200)
  t.match(await ask('POST', '/v1/draw/result', { id: 'x' }), { status: 200, json: { code: -22 } })
  t.match(await ask('POST', '/v1/draw/result', {}), { json: { code: -22 } })
})

t.test('a result lives for two hours', async (t) => {
  let now = 1_790_000_000_000
  const upstream = vendor('grsai')
  const simulator = await stage(t, [upstream], { now: () => now })
  const ask = client(simulator, upstream)
  const { id } = (await ask('POST', '/v1/video/sora-video', polled)).json.data
  simulator.control.finish(id)
  const { url } = (await ask('POST', '/v1/draw/result', { id })).json.data.results[0]
  now += 7_199_000
  t.equal((await read(await fetch(url))).status, 200)
  now += 1000
  t.equal((await read(await fetch(url))).status, 403)
})

t.test('without it the answer is a stream that ends with the job', async (t) => {
  const upstream = vendor('grsai', { render: { polls: 1 } })
  const simulator = await stage(t, [upstream])
  const answer = await client(simulator, upstream)('POST', '/v1/video/sora-video', order)
  t.match(answer.headers.get('content-type'), /event-stream/)
  const lines = answer.text.trim().split('\n\n')
  t.match(JSON.parse(lines[0]?.slice('data: '.length) ?? ''), { status: 'running' })
  t.match(JSON.parse(lines.at(-1)?.slice('data: '.length) ?? ''), { status: 'succeeded' })
  t.equal(simulator.control.renders().length, 1)
})

t.test('a failure has one of three reasons', async (t) => {
  const upstream = vendor('grsai')
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const reasons: string[] = []
  for (const code of ['output_moderation', 'input_moderation', 'processing_error']) {
    const { id } = (await ask('POST', '/v1/video/sora-video', polled)).json.data
    simulator.control.failJob(id, code)
    const { data } = (await ask('POST', '/v1/draw/result', { id })).json
    t.match(data, { status: 'failed', error: /./, results: [] })
    reasons.push(data.failure_reason)
  }
  t.same(reasons, ['output_moderation', 'input_moderation', 'error'])
})

t.test('characters are jobs with a dotted id, from a clip or from a finished video’s pid', async (t) => {
  const upstream = vendor('grsai')
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const url = `${simulator.origin}/clips/fox.mp4?seconds=3&size=64x36`
  const upload = (body: object) => ask('POST', '/v1/video/sora-upload-character', { webHook: '-1', ...body })
  const result = async (id: string) => (await ask('POST', '/v1/draw/result', { id })).json.data
  const { id } = (await upload({ url, timestamps: '0,3' })).json.data
  t.match(await result(id), { status: 'running', results: [] })
  const { results } = await result(id)
  t.match(results, [{ character_id: /^cameo\.[0-9a-f]+$/ }])
  const prompt = `@${results[0].character_id} sings`
  t.equal((await ask('POST', '/v1/video/sora-video', { ...polled, prompt })).json.code, 0)
  t.match(simulator.control.renders(), [{ characters: [results[0].character_id] }])
  t.equal((await upload({ url, timestamps: '0,4' })).json.code, -1)
  t.equal((await upload({ timestamps: '0,3' })).json.code, -1)

  const [video] = simulator.control.renders()
  simulator.control.finish(video?.id ?? '')
  const { pid } = (await result(video?.id ?? '')).results[0]
  const extracted = await ask('POST', '/v1/video/sora-create-character', {
    pid,
    timestamps: '0,3',
    webHook: '-1',
  })
  t.equal(extracted.json.code, 0)
  t.match(simulator.control.characters()[1], { source: { type: 'job', id: video?.id } })
  t.equal((await ask('POST', '/v1/video/sora-create-character', { pid: 's_x' })).json.code, -22)
})
