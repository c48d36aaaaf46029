import t from 'tap'
import type { Test } from 'tap'
import { finishedSeries, makeCharacter, makeSeries, scenesAt, startGateway } from './series-stage.ts'
import type { Gateway } from './gateway.ts'

const fail = { routing: { upstreams: ['reseller'] } }

/** A series whose second scene failed at the vendor, and whose third was refused for its content. */
async function failedSeries(t: Test): Promise<{ gateway: Gateway; id: string; body: any }> {
  const gateway = await startGateway(t)
  gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late', after: 1, times: 1 }])
  const scenes = [
    { id: 'mill', prompt: 'a mill' },
    { id: 'late', prompt: 'a mill at night' },
    { id: 'refused', prompt: 'something forbidden' },
  ]
  const { id } = await makeSeries(gateway, { settings: fail, scenes, max_cost_usd: 5 })
  const body = await finishedSeries(gateway, id)
  t.same(
    body.scenes.map(({ status }: any) => status),
    ['completed', 'failed', 'failed'],
  )
  return { gateway, id, body }
}

t.test(
  'failed scenes are rendered once more, a refused one with another prompt only, and once per key',
  async (t) => {
    const { gateway, id, body } = await failedSeries(t)
    const retry = (input: object, headers = {}) => gateway.call('POST', `/series/${id}/retry`, input, headers)
    const refused = await retry({
      scenes: [{ id: 'late' }, { id: 'refused' }, { id: 'mill' }, { id: 'nobody' }],
    })
    t.equal(refused.status, 400)
    t.match(refused.body.errors, [
      { pointer: '/scenes/1', detail: /was refused for its content/ },
      { pointer: '/scenes/2', detail: /is completed/ },
      { pointer: '/scenes/3/id', detail: /is no scene/ },
    ])
    const same = await retry({ scenes: [{ id: 'refused', prompt: 'something forbidden' }] })
    t.match(same.body.errors, [{ pointer: '/scenes/0/prompt' }])
    const unknown = await retry({ scenes: [{ id: 'refused', prompt: '@nobody_here waves' }] })
    t.match(unknown, {
      status: 422,
      body: { code: 'character_not_found', errors: [{ pointer: '/scenes/0/prompt' }] },
    })
    t.match((await gateway.call('GET', `/series/${id}`)).body, { status: 'failed' }, 'nothing was changed')

    const asked = { scenes: [{ id: 'late' }, { id: 'refused', prompt: 'a mill in spring' }] }
    const headers = { 'idempotency-key': 'again' }
    const made = await retry(asked, headers)
    t.match(made, { status: 202, body: { status: 'in_progress', counts: { completed: 1, waiting: 2 } } })
    t.equal((await retry(asked, headers)).headers.get('idempotent-replayed'), 'true')
    const after = await finishedSeries(gateway, id)
    t.match(after, { status: 'completed', scenes: [{}, {}, { prompt: 'a mill in spring' }] })
    for (const index of [1, 2]) {
      const [was, is] = [body.scenes[index], after.scenes[index]]
      t.same(is.previous_generation_ids, [was.generation_id])
      t.not(is.generation_id, was.generation_id)
      t.equal(is.attempts_made, 2)
    }
    t.equal(after.cost_usd, gateway.simulator.control.bill().totalUsd, 'earlier tries count')
    const none = await retry({})
    t.match(none, { status: 409, body: { code: 'conflict' } })
    t.equal((await gateway.call('DELETE', `/series/${id}`)).status, 204)
    t.same((await gateway.call('GET', '/generations')).body.data, [], 'earlier tries are deleted too')
  },
)

t.test('a refused prompt is not sent again as an edited one', async (t) => {
  const gateway = await startGateway(t)
  await makeCharacter(gateway, 'girl')
  const prompt = 'something forbidden'
  const asked = { settings: fail, characters: ['girl'], scenes: [{ id: 'a', prompt }] }
  const { id } = await makeSeries(gateway, asked)
  t.match(await finishedSeries(gateway, id), { scenes: [{ error: { code: 'content_refused' } }] })
  const retry = (next: string) =>
    gateway.call('POST', `/series/${id}/retry`, { scenes: [{ id: 'a', prompt: next }] })
  const creates = () => gateway.simulator.control.requests()['reseller']?.create
  const before = creates()
  for (const same of [prompt, `@girl  ${prompt}`, 'Something\u200b forbidden'])
    t.match(await retry(same), { status: 400, body: { errors: [{ pointer: '/scenes/0/prompt' }] } }, same)
  gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late', times: 1 }])
  t.equal((await retry('a mill')).status, 202)
  t.match(await finishedSeries(gateway, id), { scenes: [{ status: 'failed' }] })
  t.match(await retry(prompt), { status: 400, body: { detail: /refused for its content at an earlier try/ } })
  t.equal(creates(), Number(before) + 1)
})

t.test('a retry keeps to the floor of the key that asks for it', async (t) => {
  const gateway = await startGateway(t)
  gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late', times: 1 }])
  const settings = { routing: { priority: 'cost', fallback: false } }
  const { id } = await makeSeries(gateway, { settings, scenes: [{ prompt: 'a mill' }] })
  t.match(await finishedSeries(gateway, id), { scenes: [{ status: 'failed', upstream: 'reseller' }] })
  const admin = { authorization: `Bearer ${gateway.container.adminKey ?? ''}` }
  const asked = { name: 'narrow', tenant: 'studio', allow: ['official'] }
  const { body: key } = await gateway.call('POST', '/keys', asked, admin)
  const as = { authorization: `Bearer ${key.secret}` }
  t.equal((await gateway.call('POST', `/series/${id}/retry`, {}, as)).status, 202)
  t.match(await finishedSeries(gateway, id), { scenes: [{ status: 'completed', upstream: 'official' }] })
})

t.test('without a list every failed scene that may be retried is', async (t) => {
  const { gateway, id } = await failedSeries(t)
  const { body } = await gateway.call('POST', `/series/${id}/retry`, {})
  t.match(body, { counts: { completed: 1, waiting: 1, failed: 1 } })
  t.match(await finishedSeries(gateway, id), { status: 'failed', counts: { completed: 2, failed: 1 } })
})

t.test('a scene with an unknown outcome is never sent again', async (t) => {
  const gateway = await startGateway(t)
  gateway.simulator.control.setFaults('reseller', [{ kind: 'reset', accepted: true, times: 1 }])
  const { id } = await makeSeries(gateway, { settings: fail, scenes: [{ prompt: 'a mill' }] })
  t.match(await finishedSeries(gateway, id), { scenes: [{ error: { code: 'outcome_unknown' } }] })
  for (const input of [{}, { scenes: [{ id: '1', prompt: 'another mill' }] }]) {
    const { body } = await gateway.call('POST', `/series/${id}/retry`, input)
    t.match(JSON.stringify(body), /unknown outcome/)
    t.ok(body.status >= 400)
  }
  t.equal(gateway.simulator.control.requests()['reseller']?.create, 1)
})

t.test(
  'what happens is one log, told as a stream that can be resumed and ends with the series',
  async (t) => {
    const { gateway, id } = await failedSeries(t)
    const told = async (headers = {}) => {
      const { body, status } = await gateway.call('GET', `/series/${id}/events`, undefined, headers)
      t.equal(status, 200)
      const frames = [...String(body).matchAll(/^data: (.*)$/gm)]
      return frames.map(([, data = '']) => JSON.parse(data))
    }
    const events = await told()
    t.same(
      events.map(({ seq }) => seq),
      events.map((_, index) => index + 1),
    )
    t.match(events[0], { type: 'series.created', series_id: id, scenes: 3 })
    t.match(events.at(-1), { type: 'series.failed' })
    t.same(
      events.map(({ type, scene }) => `${type} ${scene ?? ''}`).toSorted((a, b) => (a < b ? -1 : 1)),
      [
        'scene.completed mill',
        'scene.failed late',
        'scene.failed refused',
        'scene.started late',
        'scene.started mill',
        'scene.started refused',
        'series.created ',
        'series.failed ',
      ],
    )
    t.same(await told({ 'last-event-id': '5' }), events.slice(5))
    const { status } = await gateway.call('GET', `/series/${id}/events`, undefined, {
      accept: 'application/json',
    })
    t.equal(status, 406)
  },
)

t.test('a preview says each scene’s way and what all may cost, and sends nothing', async (t) => {
  const gateway = await startGateway(t)
  const scenes = scenesAt(3)
  const { status, body } = await gateway.call('POST', '/series/route', { scenes, max_cost_usd: 0.5 })
  t.equal(status, 200)
  const single = (await gateway.call('POST', '/route', scenes[0])).body
  t.same(
    body.scenes.map(({ id }: any) => id),
    ['1', '2', '3'],
  )
  t.match(single, body.scenes[0].route)
  t.equal(Math.round(body.estimated_cost_usd * 1e6), Math.round(3e6 * single.estimated_cost_usd))
  t.equal(Math.round(body.worst_case_cost_usd * 1e6), Math.round(3e6 * single.worst_case_cost_usd))
  t.equal(body.within_max_cost, false)
  const roomy = await gateway.call('POST', '/series/route', { scenes, max_cost_usd: 50 })
  t.equal(roomy.body.within_max_cost, true)
  t.same((await gateway.call('GET', '/series')).body.data, [])
  t.same(gateway.simulator.control.renders(), [])
})
