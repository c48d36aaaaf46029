import t from 'tap'
import { client, heldClock, read, stage, vendor } from './stage.ts'

/** WaveSpeed, as docs/vendors/job-apis.md#wavespeed describes it. */

const model = 'openai/sora-2/text-to-video'
const order = { prompt: 'a fox', duration: 10, size: '160*90' }

t.test('a prediction says where it is asked for, and its outcome in data.status', async (t) => {
  const upstream = vendor('wavespeed', { models: [model] })
  const simulator = await stage(t, [upstream], heldClock())
  const ask = client(simulator, upstream)
  const created = await ask('POST', `/api/v3/${model}?webhook=https://gw.example/cb`, order)
  t.match(created.json, {
    code: 200,
    message: 'success',
    data: { model, status: 'created', outputs: [], error: '', created_at: '2026-09-21T14:13:20.000Z' },
  })
  const { id, urls } = created.json.data
  t.equal(urls.get, `${simulator.baseUrl(upstream.id)}/api/v3/predictions/${id}/result`)
  const poll = async () => (await ask('GET', `/api/v3/predictions/${id}/result`)).json.data
  t.match(await poll(), { id, status: 'processing', outputs: [] })
  const done = await poll()
  t.match(done, { status: 'completed', has_nsfw_contents: [false] })
  t.equal((await read(await fetch(done.outputs[0]))).status, 200)
  t.equal((await ask('GET', `/api/v3/predictions/${id}`)).json.data.status, 'completed')
})

t.test('moderation is code 1200 at create and in the end, an unreachable address 1402', async (t) => {
  const upstream = vendor('wavespeed', { models: [model] })
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  t.match(await ask('POST', `/api/v3/${model}`, { ...order, prompt: 'forbidden' }), {
    status: 400,
    json: { code: 1200 },
  })
  t.match(await ask('POST', `/api/v3/${model}`, { ...order, image: 'http://127.0.0.1:9/a.png' }), {
    status: 400,
    json: { code: 1402 },
  })
  const { id } = (await ask('POST', `/api/v3/${model}`, { ...order, prompt: 'forbidden-late' })).json.data
  await ask('GET', `/api/v3/predictions/${id}/result`)
  t.match((await ask('GET', `/api/v3/predictions/${id}/result`)).json, {
    code: 200,
    data: { status: 'failed', code: 1200, error: /polic/, outputs: [] },
  })
  t.match(await ask('POST', '/api/v3/other/model', order), {
    status: 404,
    json: { message: 'model not found' },
  })
  t.match(await ask('GET', '/api/v3/predictions/x/result'), { status: 404, json: { code: 404 } })
})

t.test('a character is a prediction whose output is an object', async (t) => {
  const upstream = vendor('wavespeed', {
    models: [model],
    characterPriceUsd: 0.001,
    characterRender: { polls: 1 },
  })
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const video = `${simulator.origin}/clips/fox.mp4?seconds=3&size=64x36`
  const made = await ask('POST', '/api/v3/openai/sora-2/characters', { video, name: 'Amber' })
  t.match(made.json.data, { status: 'processing', outputs: [] })
  const { outputs } = (await ask('GET', `/api/v3/predictions/${made.json.data.id}/result`)).json.data
  t.match(outputs, [{ id: /^char_/, name: 'Amber' }])
  t.equal(simulator.control.bill().totalUsd, 0.001)
  const characters = [outputs[0].id]
  t.equal((await ask('POST', `/api/v3/${model}`, { ...order, prompt: 'Amber runs', characters })).status, 200)
  t.match(simulator.control.renders(), [{ characters }])
  t.equal((await ask('POST', `/api/v3/${model}`, { ...order, characters })).status, 400)
  t.match(
    (await ask('POST', '/api/v3/openai/sora-2/characters', { video: 'http://127.0.0.1:9/a', name: 'A' }))
      .json,
    { code: 1402 },
  )
  t.equal((await ask('POST', '/api/v3/openai/sora-2/characters', { video })).status, 400)
})
