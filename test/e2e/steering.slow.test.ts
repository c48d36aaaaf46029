import t from 'tap'
import type { Test } from 'tap'
import { keys, official, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const operator = { authorization: `Bearer ${keys.other}` }
const scene = { prompt: 'a paper boat', duration: 5 }
const onReseller = { ...scene, routing: { upstreams: ['reseller'], deadline_seconds: 3600 } }
/** An hour of real time, so that only a reset closes it. */
const breaker = { failure_rate: 0.5, window_seconds: 300, min_calls: 2, open_seconds: 3600 }

async function start(t: Test) {
  const lines: any[] = []
  const gateway = await startGateway(t, {
    upstreams: [reverse, official],
    keys: { other: { scopes: ['operate'] }, bank: { scopes: ['admin'] } },
    settings: { reseller: { breaker } },
    onLine: (line) => lines.push(JSON.parse(line)),
  })
  return { gateway, lines }
}

async function shown(gateway: Gateway) {
  const { body } = await gateway.call('GET', '/upstreams', undefined, operator)
  return body.data.find(({ id }: { id: string }) => id === 'reseller')
}

const reset = (gateway: Gateway, operation: string, id = 'reseller', headers = operator) =>
  gateway.call('POST', `/upstreams/${id}/breakers/${operation}/reset`, undefined, headers)
const creates = ({ simulator }: Gateway) => simulator.control.requests()['reseller']?.create ?? 0

async function trip(gateway: Gateway) {
  const { control } = gateway.simulator
  control.setFaults('reseller', [{ kind: 'down', on: ['create'] }])
  for (let tries = 0; (await shown(gateway)).breakers.create.state !== 'open'; tries++) {
    if (tries > 5) throw new Error('the breaker did not open')
    await gateway.generate(scene)
  }
  control.clearFaults('reseller')
}

async function waiting(gateway: Gateway): Promise<string> {
  const { body } = await gateway.call('POST', '/generate', onReseller)
  for (let turn = 0; turn < 20; turn++) await gateway.advance(5000)
  t.match((await gateway.call('GET', `/generations/${body.id}`)).body, { status: 'queued', attempts: [] })
  return body.id
}

t.test(
  'after a reset the next create goes out, and work that waited is sent within ten seconds',
  async (t) => {
    const { gateway, lines } = await start(t)
    await trip(gateway)
    const route = await gateway.call('POST', '/route', onReseller)
    t.match(route.body.excluded, [{}, { upstream: 'reseller', code: 'breaker_open' }])
    const before = creates(gateway)
    const id = await waiting(gateway)
    t.equal(creates(gateway), before)
    const answer = await reset(gateway, 'create')
    t.match(answer, {
      status: 200,
      body: { upstream: 'reseller', operation: 'create', before: 'open', models: [] },
    })
    t.match((await shown(gateway)).breakers, { create: { state: 'closed', retry_at: null } })
    await gateway.advance(10_000)
    t.equal(creates(gateway), before + 1)
    t.match(await gateway.finished(id), { status: 'completed', attempts: [{ upstream: 'reseller' }] })
    t.match((await reset(gateway, 'create')).body, { before: 'closed' }, 'again: nothing is left to do')

    const audit = await gateway.call('GET', '/audit?action=upstream.breaker_reset', undefined, {
      authorization: `Bearer ${keys.bank}`,
    })
    const entry = { key: 'other', subject: 'reseller', data: { operation: 'create' } }
    t.match(audit.body.data, [entry, entry])
    t.equal(lines.filter(({ msg }) => msg === 'breaker reset').length, 2)
  },
)

t.test('failures before a reset do not count after it', async (t) => {
  const { gateway } = await start(t)
  const { control } = gateway.simulator
  control.setFaults('reseller', [{ kind: 'down', on: ['create'], times: 1 }])
  await gateway.generate(scene)
  t.match((await reset(gateway, 'create')).body, { before: 'closed' })
  control.setFaults('reseller', [{ kind: 'down', on: ['create'], times: 1 }])
  await gateway.generate(scene)
  t.match((await shown(gateway)).breakers, { create: { state: 'closed' } }, 'one of two calls')
})

t.test('a reset of creates ends the outage of a model', async (t) => {
  const { gateway } = await start(t)
  const { control } = gateway.simulator
  control.setFaults('reseller', [{ kind: 'model_gone', variant: 'paused' }])
  await gateway.generate(scene)
  t.match((await shown(gateway)).outages, [{ model: 'sora-2' }])
  control.clearFaults('reseller')
  const id = await waiting(gateway)
  t.match((await reset(gateway, 'poll')).body, { models: [] }, 'that of polls does not')
  t.match((await shown(gateway)).outages, [{ model: 'sora-2' }])
  t.match((await reset(gateway, 'create')).body, { models: ['sora-2'] })
  t.same((await shown(gateway)).outages, [])
  await gateway.advance(10_000)
  t.match(await gateway.finished(id), { status: 'completed', attempts: [{ upstream: 'reseller' }] })
})

t.test('a reset breaker stays closed after a restart', async (t) => {
  const { gateway } = await start(t)
  await trip(gateway)
  await reset(gateway, 'create')
  await gateway.restart()
  t.match((await shown(gateway)).breakers, { create: { state: 'closed' } })
  t.match(await gateway.generate(onReseller), { status: 'completed', attempts: [{ upstream: 'reseller' }] })
})

t.test('what cannot be reset is told, and needs the scope operate', async (t) => {
  const { gateway } = await start(t)
  t.match(await reset(gateway, 'creates'), {
    status: 400,
    body: {
      code: 'validation_failed',
      errors: [{ pointer: '#/path/operation', detail: /create.*poll.*fetch.*character/ }],
    },
  })
  t.match(await reset(gateway, 'create', 'nobody'), {
    status: 404,
    body: { code: 'not_found', detail: 'No upstream "nobody" is configured.' },
  })
  t.match(await reset(gateway, 'create', 'reseller', { authorization: `Bearer ${keys.bank}` }), {
    status: 403,
  })
  t.match(await gateway.call('POST', '/upstreams/nobody/probe', undefined, operator), { status: 404 })
})

t.test('a probe tells what the upstream says, creates nothing and changes no breaker', async (t) => {
  const { gateway, lines } = await start(t)
  const { control } = gateway.simulator
  await trip(gateway)
  const before = control.requests()
  const probe = (id: string) => gateway.call('POST', `/upstreams/${id}/probe`, undefined, operator)
  t.match(await probe('official'), {
    status: 200,
    body: {
      upstream: 'official',
      calls: [
        { operation: 'list', status: 'ok', http_status: 200, message: null, balance: null, models: null },
        { operation: 'models', status: 'ok', models: ['sora-2'], jobs: null },
      ],
      missing_models: [],
    },
  })
  t.match((await probe('reseller')).body, { upstream: 'reseller', calls: [], missing_models: null })
  control.setFaults('official', [{ kind: 'unauthorized' }])
  const refused = await probe('official')
  for (const call of refused.body.calls) t.match(call, { status: 'account_rejected', http_status: 401 })
  const { official: after } = control.requests()
  t.match(after, { ...before['official'], list: 2, models: 2 }, 'nothing but the lists was asked')
  t.match((await shown(gateway)).breakers, { create: { state: 'open' } })
  t.equal(lines.filter(({ msg }) => /rejects its account/.test(msg)).length, 1)
  const audit = await gateway.call('GET', '/audit?action=upstream.probed', undefined, {
    authorization: `Bearer ${keys.bank}`,
  })
  t.match(audit.body.data, [
    { subject: 'official' },
    { subject: 'reseller' },
    { subject: 'official', key: 'other' },
  ])
})
