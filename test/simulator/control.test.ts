import t from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { client, heldClock, official, reseller, stage } from './stage.ts'

const fox = { prompt: 'a fox', duration: 5 }

t.test('every accepted create is on record with what was asked, when, and what it costs', async (t) => {
  const clock = heldClock(1_000)
  const upstream = reseller()
  const simulator = await stage(t, [upstream, official()], clock)
  const ask = client(simulator, upstream)
  const { task_id: id } = (await ask('POST', '/sora/generate', { ...fox, size: '90x160' })).json
  await ask('POST', '/sora/generate', fox)
  clock.advance(500)
  simulator.control.finish(id)
  t.same(simulator.control.renders('reseller')[0], {
    id,
    upstream: 'reseller',
    model: 'sora-2',
    prompt: 'a fox',
    seconds: 5,
    size: '90x160',
    characters: [],
    reference: null,
    influenceStrength: null,
    extras: {},
    state: 'completed',
    progress: 100,
    failure: null,
    billedUsd: 0.12,
    createdAt: 1_000,
    endedAt: 1_500,
  })
  t.same(
    simulator.control.renders().map((render) => render.state),
    ['completed', 'queued'],
  )
  t.same(simulator.control.renders('official'), [])
})

t.test('faults apply in the order they were set, spare the first requests, and are spent', async (t) => {
  const upstream = reseller()
  const { control, ...simulator } = await stage(t, [upstream])
  const ask = client({ control, ...simulator }, upstream)
  control.setFaults('reseller', [
    { kind: 'rate_limited', after: 1, times: 1 },
    { kind: 'server_error', times: 2 },
  ])
  const statuses: number[] = []
  for (let index = 0; index < 4; index += 1) statuses.push((await ask('POST', '/sora/generate', fox)).status)
  t.same(statuses, [500, 429, 500, 200])
  t.match(control.faults('reseller'), [
    { fault: { kind: 'rate_limited', reason: 'requests' }, hits: 1, spent: true },
    { fault: { kind: 'server_error', status: 500 }, hits: 2, spent: true },
  ])
  control.addFault('reseller', { kind: 'html' })
  t.match((await ask('POST', '/sora/generate', fox)).text, /doctype/)
  control.clearFaults('reseller')
  t.same(control.faults('reseller'), [])
})

t.test('a fault hits one upstream only', async (t) => {
  const upstreams = [reseller(), official()]
  const simulator = await stage(t, upstreams)
  simulator.control.setFaults('reseller', [{ kind: 'down' }])
  t.equal((await client(simulator, upstreams[0]!)('GET', '/sora/characters')).status, 503)
  t.equal((await client(simulator, upstreams[1]!)('GET', '/videos')).status, 200)
})

t.test('mistakes of the caller are SimulatorErrors with a code', async (t) => {
  const upstream = reseller()
  const simulator = await stage(t, [upstream])
  const { control } = simulator
  const { task_id: id } = (await client(simulator, upstream)('POST', '/sora/generate', fox)).json
  control.failJob(id, 'processing_error')
  t.throws(() => control.setFaults('nobody', []), { code: 'upstream_unknown' })
  t.throws(() => simulator.baseUrl('nobody'), { code: 'upstream_unknown' })
  t.throws(() => control.addFault('reseller', { kind: 'slow', delayMs: 0 }), { code: 'fault_invalid' })
  t.throws(() => control.finish('task_x'), { code: 'job_unknown' })
  t.throws(() => control.finish(id), { code: 'job_ended' })
  t.throws(() => control.revokeCharacter('char_x'), { code: 'character_unknown' })
  await t.rejects(startSimulator({ upstreams: [upstream, upstream] }), { code: 'upstream_invalid' })
  await t.rejects(startSimulator({ upstreams: [reseller({ id: 'A/b' })] }), { code: 'upstream_invalid' })
})

t.test('a reset forgets everything', async (t) => {
  const upstream = reseller()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const { task_id: id } = (await ask('POST', '/sora/generate', fox)).json
  simulator.control.setFaults('reseller', [{ kind: 'stuck' }])
  simulator.control.reset()
  t.same(simulator.control.renders(), [])
  t.same(simulator.control.faults('reseller'), [])
  t.equal(simulator.control.bill().totalUsd, 0)
  t.equal(simulator.control.requests()['reseller']?.create, 0)
  t.equal((await ask('GET', `/sora/tasks/${id}`)).status, 404)
})

t.test('closing cuts hanging and slow requests at once', async (t) => {
  const upstream = reseller()
  const simulator = await startSimulator({ upstreams: [upstream] })
  const ask = client(simulator, upstream)
  simulator.control.setFaults('reseller', [
    { kind: 'hang', accepted: true },
    { kind: 'slow', delayMs: 60_000, on: ['character_read'] },
  ])
  const hanging = t.rejects(ask('POST', '/sora/generate', fox))
  const slow = ask('GET', '/sora/characters').catch(() => undefined)
  const counts = () => simulator.control.requests()['reseller']
  while (counts()?.create !== 1 || counts()?.character_read !== 1)
    await new Promise((resolve) => setImmediate(resolve))
  const start = performance.now()
  await simulator.close()
  await hanging
  await slow
  t.ok(performance.now() - start < 20_000)
})
