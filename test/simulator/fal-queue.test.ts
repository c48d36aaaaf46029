import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulator.ts'
import { client, read, stage, vendor } from './stage.ts'

/** fal's queue, as docs/vendors/job-apis.md#fal describes it. */

const model = 'fal-ai/sora-2/text-to-video'
const withImage = 'fal-ai/sora-2/image-to-video'
const order = { prompt: 'a fox', duration: 10, aspect_ratio: '16:9', delete_video: true }
const fal = (quirks: Partial<SimulatedUpstream> = {}) =>
  vendor('fal-queue', { models: [model, withImage], ...quirks })

t.test('a ticket leads to a status, and that to the result in a second step', async (t) => {
  const upstream = fal()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const base = simulator.baseUrl(upstream.id)
  const ticket = (await ask('POST', `/${model}`, order)).json
  t.match(ticket, { status: 'IN_QUEUE', request_id: /^[0-9a-f-]{36}$/, queue_position: 0 })
  // The addresses have owner and application alone, whatever the path was.
  t.equal(ticket.status_url, `${base}/fal-ai/sora-2/requests/${ticket.request_id}/status`)
  t.equal(ticket.response_url, `${base}/fal-ai/sora-2/requests/${ticket.request_id}`)
  t.match(simulator.control.renders(), [
    { model, seconds: 10, size: '160x90', extras: { delete_video: true } },
  ])
  const at = (url: string) => url.slice(base.length)

  const running = await ask('GET', at(ticket.status_url))
  t.match(running, { status: 202, json: { status: 'IN_PROGRESS' } })
  t.match(await ask('GET', at(ticket.response_url)), { status: 400, json: { detail: /still in progress/ } })
  const done = await ask('GET', `/${model}/requests/${ticket.request_id}/status?logs=1`)
  t.match(done, { status: 200, json: { status: 'COMPLETED', error: undefined } })
  const result = await ask('GET', at(ticket.response_url))
  t.match(result.json, { video: { content_type: 'video/mp4' }, video_id: /^video_/ })
  t.equal((await read(await fetch(result.json.video.url))).status, 200)
  t.match(simulator.control.requests()[upstream.id], { create: 1, poll: 2, result: 2 })
})

t.test('a failure is COMPLETED with an error beside it, and the result says why', async (t) => {
  const upstream = fal()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const cases: [string, object, number, object][] = [
    [
      'content_policy_violation',
      { error_type: 'content_policy_violation' },
      422,
      { detail: [{ loc: ['body', 'prompt'], type: 'content_policy_violation' }] },
    ],
    ['processing_error', { error_type: 'runner_server_error' }, 500, { error_type: 'internal_error' }],
  ]
  for (const [code, status, httpStatus, body] of cases) {
    const { request_id: id } = (await ask('POST', `/${model}`, order)).json
    simulator.control.failJob(id, code)
    t.match(await ask('GET', `/fal-ai/sora-2/requests/${id}/status`), {
      status: 200,
      json: { status: 'COMPLETED', error: /./, ...status },
    })
    t.match(await ask('GET', `/fal-ai/sora-2/requests/${id}`), { status: httpStatus, json: body })
  }
})

t.test('the key comes as Key, and what is wrong with the input names its place', async (t) => {
  const upstream = fal()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const bearer = { headers: { authorization: `Bearer ${upstream.apiKey}` } }
  t.equal((await ask('POST', `/${model}`, undefined, bearer)).status, 401)
  const cases: [object, string][] = [
    [{ ...order, duration: '10' }, 'duration'],
    [{ ...order, duration: 7 }, 'duration'],
    [{ ...order, aspect_ratio: '4:3' }, 'aspect_ratio'],
    [{ duration: 10 }, 'prompt'],
  ]
  for (const [body, field] of cases)
    t.match(await ask('POST', `/${model}`, body), {
      status: 422,
      json: { detail: [{ loc: ['body', field] }] },
    })
  t.match(await ask('POST', `/${withImage}`, { ...order, image_url: 'http://127.0.0.1:9/a.png' }), {
    status: 422,
    json: { detail: [{ type: 'file_download_error' }] },
  })
  t.match(await ask('POST', '/fal-ai/veo3', order), {
    status: 404,
    json: { detail: /^Application not found/ },
  })
  t.same(simulator.control.renders(), [])
})

t.test('what has not ended can be cancelled', async (t) => {
  const upstream = fal()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const { request_id: id } = (await ask('POST', `/${model}`, order)).json
  const cancel = (asked: string) => ask('PUT', `/fal-ai/sora-2/requests/${asked}/cancel`)
  t.match(await cancel(id), { status: 202, json: { status: 'CANCELLATION_REQUESTED' } })
  t.match(simulator.control.renders(), [{ state: 'deleted', billedUsd: 0 }])
  t.match(await cancel(id), { status: 404, json: { status: 'NOT_FOUND' } })
  const { request_id: ended } = (await ask('POST', `/${model}`, order)).json
  simulator.control.finish(ended)
  t.match(await cancel(ended), { status: 400, json: { status: 'ALREADY_COMPLETED' } })
})

t.test('a result may come without its video, or not at all, for a while', async (t) => {
  const upstream = fal({ render: { polls: 1 } })
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const { request_id: id } = (await ask('POST', `/${model}`, order)).json
  await ask('GET', `/fal-ai/sora-2/requests/${id}/status`)
  const result = () => ask('GET', `/fal-ai/sora-2/requests/${id}`)
  simulator.control.setFaults(upstream.id, [
    { kind: 'server_error', on: ['result'], times: 1 },
    { kind: 'no_url', times: 1 },
  ])
  t.match(await result(), { status: 500, json: { error_type: 'internal_error' } })
  t.match(await result(), { status: 200, json: { video: null } })
  t.match(await result(), { status: 200, json: { video: { url: /^http/ } } })
})

t.test('a character is a request of its own, and creates list its id and say its name', async (t) => {
  const upstream = fal()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const video_url = `${simulator.origin}/clips/fox.mp4?seconds=3&size=64x36`
  const { request_id: id } = (await ask('POST', '/fal-ai/sora-2/characters', { video_url, name: 'Amber' }))
    .json
  const path = `/fal-ai/sora-2/requests/${id}`
  t.match(await ask('GET', `${path}/status`), { status: 202, json: { status: 'IN_PROGRESS' } })
  t.equal((await ask('GET', path)).status, 400)
  t.match(await ask('GET', `${path}/status`), { status: 200, json: { status: 'COMPLETED' } })
  const { json: character } = await ask('GET', path)
  t.match(character, { id: /^char_/, name: 'Amber' })

  const create = (prompt: string, character_ids: string[]) =>
    ask('POST', `/${model}`, { ...order, prompt, character_ids })
  t.equal((await create('Amber waves', [character.id])).status, 200)
  t.match(simulator.control.renders(), [{ characters: [character.id] }])
  t.match((await create('somebody waves', [character.id])).json.detail, [{ loc: ['body', 'character_ids'] }])
  t.equal((await create('Amber', ['a', 'b', 'c'])).status, 422)
  simulator.control.revokeCharacter(character.id)
  t.match((await create('Amber', [character.id])).json.detail, [{ type: 'cameo_permission_denied' }])
  t.match(simulator.control.requests()[upstream.id], { create: 4, character_create: 1, character_read: 4 })

  simulator.control.setFaults(upstream.id, [{ kind: 'character_fails', message: 'Too dark.' }])
  const failing = (await ask('POST', '/fal-ai/sora-2/characters', { video_url, name: 'Owl' })).json.request_id
  await ask('GET', `/fal-ai/sora-2/requests/${failing}/status`)
  t.match((await ask('GET', `/fal-ai/sora-2/requests/${failing}/status`)).json, { error: 'Too dark.' })
})
