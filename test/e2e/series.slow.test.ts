import t from 'tap'
import { finishedSeries, makeCharacter, makeSeries, scenesAt, startGateway } from './series-stage.ts'
import { other } from './comparison-stage.ts'

t.test('a series is rendered scene by scene in order, the first one alone, ten at a time', async (t) => {
  const gateway = await startGateway(t)
  await makeCharacter(gateway, 'coffee_girl')
  const scenes = [{ id: 'mill', prompt: 'a mill' }, ...scenesAt(11)]
  const asked = {
    name: 'a day',
    characters: ['coffee_girl'],
    settings: { duration: 10 },
    scenes,
    max_cost_usd: 30,
  }
  const made = await makeSeries(gateway, asked)
  t.match(made, {
    object: 'series',
    name: 'a day',
    status: 'queued',
    progress: 0,
    counts: { waiting: 12 },
    scenes: [{ id: 'mill', number: 1, prompt: '@coffee_girl a mill', generation_id: null }, { id: '2' }],
  })
  let most = 0
  let before = 0
  const body = await finishedSeries(gateway, made.id, {}, ({ counts, scenes: now, progress }) => {
    const underWay = counts.queued + counts.in_progress
    most = Math.max(most, underWay)
    if (now[0].status === 'queued') t.equal(underWay, 1, 'the first goes alone')
    t.ok(progress >= before, `${progress} after ${before}`)
    before = progress
  })
  t.ok(most <= 10, `${most} at a time`)
  t.match(body, { status: 'completed', progress: 100, upstream: 'reseller', counts: { completed: 12 } })
  const generations = await Promise.all(
    body.scenes.map(
      async (scene: any) => (await gateway.call('GET', `/generations/${scene.generation_id}`)).body,
    ),
  )
  const started = generations.map(({ created_at }) => created_at)
  t.same(
    started,
    started.toSorted((a, b) => Date.parse(a) - Date.parse(b)),
    'in their order',
  )
  const cost = generations.reduce((sum, { cost_usd }) => sum + Math.round(cost_usd * 1e6), 0)
  t.equal(Math.round(body.cost_usd * 1e6), cost)
  t.ok(body.scenes.every(({ upstream, video }: any) => upstream === 'reseller' && video !== null))
  t.match(body.scenes[0].warnings[0], { code: 'character_added' })
  t.match(generations[0], { characters: [{ name: 'coffee_girl' }], duration: 10 })
})

t.test('a repeated create finds its series, and nothing is made twice', async (t) => {
  const gateway = await startGateway(t)
  const headers = { 'idempotency-key': 'film-1' }
  const asked = { scenes: scenesAt(2) }
  const made = await makeSeries(gateway, asked, headers)
  const again = await gateway.call('POST', '/series', asked, headers)
  t.match(again, { status: 202, body: { id: made.id } })
  t.equal(again.headers.get('idempotent-replayed'), 'true')
  const another = await gateway.call('POST', '/series', { scenes: scenesAt(3) }, headers)
  t.match(another, { status: 422, body: { code: 'idempotency_key_reused' } })
  const list = (await gateway.call('GET', '/series?status=queued')).body
  t.match(list, { data: [{ id: made.id, counts: { waiting: 2 } }], has_more: false })
  t.notOk('scenes' in list.data[0])
  t.same((await gateway.call('GET', '/series?status=failed')).body.data, [])
})

t.test(
  'the ceiling is never passed; a scene that no longer fits ends, and stops no cheaper one',
  async (t) => {
    const gateway = await startGateway(t)
    const [dear, cheap] = [
      { duration: 10, routing: { upstreams: ['official'] } },
      { routing: { upstreams: ['reseller'] } },
    ]
    const scenes = [dear, dear, cheap, cheap].map((more, index) => ({ prompt: `a mill ${index}`, ...more }))
    const single = (await gateway.call('POST', '/route', scenes[0])).body.estimated_cost_usd
    const small = (await gateway.call('POST', '/route', scenes[2])).body.estimated_cost_usd
    t.ok(single > 2 * small)
    const max_cost_usd = single + 2 * small
    const made = await makeSeries(gateway, { scenes, max_cost_usd })
    const body = await finishedSeries(gateway, made.id, {}, ({ cost_usd, reserved_cost_usd }) => {
      t.ok(cost_usd + reserved_cost_usd <= max_cost_usd + 1e-9)
    })
    t.same(
      body.scenes.map(({ status }: any) => status),
      ['completed', 'failed', 'completed', 'completed'],
    )
    t.match(body, { status: 'failed' })
    t.match(body.scenes[1], {
      error: { code: 'budget_exceeded', message: /max_cost_usd of the series/ },
      generation_id: null,
    })
  },
)

t.test('a series leaves a part of its key’s slots to other calls', async (t) => {
  const gateway = await startGateway(t, { keys: { other: { max_in_flight: 4 } } })
  // Their jobs never end, so that all slots of the series are in use at the end.
  gateway.simulator.control.setFaults('reseller', [{ kind: 'stuck' }])
  const scenes = scenesAt(8).map((scene) => ({ ...scene, routing: { upstreams: ['reseller'] } }))
  await makeSeries(gateway, { scenes }, other)
  for (let step = 0; step < 15; step++) await gateway.advance(1000)
  const { data } = (await gateway.call('GET', '/generations?limit=100', undefined, other)).body
  t.same(
    data.map(({ status }: any) => status),
    ['in_progress', 'in_progress', 'in_progress'],
  )
  const own = { prompt: 'a mill' }
  t.equal((await gateway.call('POST', '/generate', own, other)).status, 202, 'the fourth place is free')
  t.match(await gateway.call('POST', '/generate', own, other), {
    status: 429,
    body: { code: 'too_many_in_flight' },
  })
})

t.test('a fallback stays within the ceiling of the series', async (t) => {
  const gateway = await startGateway(t)
  gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late' }])
  const [cheap] = (await gateway.call('POST', '/route', { prompt: 'a mill' })).body.candidates
  t.match(cheap, { upstream: 'reseller' })
  const max_cost_usd = cheap.estimated_cost_usd * 1.5
  const made = await makeSeries(gateway, { scenes: scenesAt(1), max_cost_usd })
  const body = await finishedSeries(gateway, made.id)
  t.match(body, { status: 'failed', scenes: [{ status: 'failed', upstream: 'reseller' }] })
  t.ok(body.cost_usd + body.reserved_cost_usd <= max_cost_usd)
  t.same(
    gateway.simulator.control.renders().map(({ upstream }) => upstream),
    ['reseller'],
    'the dear upstream is not asked',
  )
})

t.test('a cancelled series sends nothing more, and can be deleted with what it made', async (t) => {
  const gateway = await startGateway(t)
  const made = await makeSeries(gateway, { scenes: scenesAt(4) })
  t.equal((await gateway.call('DELETE', `/series/${made.id}`)).body.code, 'conflict')
  const hasSent = async () =>
    (await gateway.call('GET', `/series/${made.id}`)).body.scenes[0].generation_id !== null
  while (!(await hasSent())) await gateway.advance(1000)
  const { body } = await gateway.call('POST', `/series/${made.id}/cancel`)
  t.match(body, { status: 'cancelled', counts: { cancelled: 4 } })
  const sent = body.scenes.filter(({ generation_id }: any) => generation_id !== null)
  t.equal(sent.length, 1)
  for (let step = 0; step < 60; step++) await gateway.advance(1000)
  t.equal((await gateway.call('GET', '/generations')).body.data.length, 1, 'nothing was sent since')
  t.match((await gateway.call('POST', `/series/${made.id}/cancel`)).body, { status: 'cancelled' })
  t.equal((await gateway.call('DELETE', `/series/${made.id}`)).status, 204)
  t.equal((await gateway.call('GET', `/series/${made.id}`)).status, 404)
  t.same((await gateway.call('GET', '/generations')).body.data, [])
  t.same(await gateway.files(), [])
})
