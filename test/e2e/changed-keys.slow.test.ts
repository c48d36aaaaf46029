import t from 'tap'
import type { Test } from 'tap'
import { keys, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const cheap = { prompt: 'a mill by a river', duration: 10, routing: { upstreams: ['reseller'] } }

async function withAdmin(t: Test, options: Parameters<typeof startGateway>[1] = {}) {
  const gateway = await startGateway(t, options)
  const admin = bearer(gateway.container.adminKey ?? '')
  const make = async (input: object) => {
    const answer = await gateway.call('POST', '/keys', input, admin)
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body))
    return { ...answer.body, as: bearer(answer.body.secret) }
  }
  const change = (id: string, input: object) => gateway.call('PATCH', `/keys/${id}`, input, admin)
  const changed = async (id: string, input: object) => {
    const answer = await change(id, input)
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
    return answer.body
  }
  const audited = async (id: string) => {
    const path = `/audit?action=key.updated&subject=${id}`
    return (await gateway.call('GET', path, undefined, admin)).body.data
  }
  return { gateway, admin, make, change, changed, audited }
}

async function generates(gateway: Gateway, as: Record<string, string>): Promise<number> {
  return (await gateway.call('POST', '/generate', cheap, as)).status
}

t.test('what is sent of a key changes, what is not stays, and null removes a limit', async (t) => {
  const { gateway, admin, make, changed, audited } = await withAdmin(t)
  const end = new Date(gateway.now() + 3_600_000).toISOString()
  const {
    secret: _secret,
    as,
    ...made
  } = await make({
    name: 'marketing',
    tenant: 'studio',
    scopes: ['generate', 'read'],
    upstreams: ['reseller'],
    models: ['sora-2'],
    monthly_budget_usd: 5,
    requests_per_minute: 100,
    max_in_flight: 2,
    expires_at: end,
  })
  const first = await changed(made.id, { monthly_budget_usd: 7.5, max_in_flight: null })
  t.strictSame(first, { ...made, monthly_budget_usd: 7.5, max_in_flight: null })
  const rest = {
    scopes: ['generate'],
    allow: ['reverse'],
    upstreams: null,
    models: null,
    monthly_budget_usd: null,
    requests_per_minute: null,
    expires_at: null,
  }
  const second = await changed(made.id, rest)
  t.strictSame(second, { ...first, ...rest })
  t.strictSame(await changed(made.id, rest), second, 'the same again changes nothing')

  const told = await audited(made.id)
  t.equal(told.length, 2, 'and only what changed is told')
  t.match(told[1], { key: 'admin', subject: made.id, address: '127.0.0.1' })
  t.strictSame(told[1].data, {
    name: 'marketing',
    changes: {
      monthly_budget_micros: { from: 5_000_000, to: 7_500_000 },
      max_in_flight: { from: 2, to: null },
    },
  })
  t.match(told[0].data.changes, { scopes: { from: ['generate', 'read'], to: ['generate'] } })
  t.notMatch(JSON.stringify(told), /und_|hash|hint/)
  await gateway.restart()
  t.strictSame((await gateway.call('GET', `/keys/${made.id}`, undefined, admin)).body, second)
  t.equal(await generates(gateway, as), 202, 'its secret is the same')
})

t.test('a change holds from the next request on, for both secrets of a rotated key', async (t) => {
  const { gateway, admin, make, changed } = await withAdmin(t)
  const made = await make({ name: 'marketing' })
  const rotated = await gateway.call('POST', `/keys/${made.id}/rotate`, {}, admin)
  for (const as of [made.as, bearer(rotated.body.secret)]) {
    await changed(made.id, { upstreams: ['official'] })
    t.equal(await generates(gateway, as), 422)
    await changed(made.id, { upstreams: null, monthly_budget_usd: 0 })
    t.equal(await generates(gateway, as), 402)
    await changed(made.id, { monthly_budget_usd: 100, scopes: ['read'] })
    t.equal(await generates(gateway, as), 403)
    await changed(made.id, { scopes: ['generate'], max_in_flight: 1 })
    t.equal(await generates(gateway, as), 202)
    t.equal(await generates(gateway, as), 429)
    await changed(made.id, { max_in_flight: null })
    t.equal(await generates(gateway, as), 202)
    for (let second = 0; second < 20; second++) await gateway.advance(1000)
  }
  await changed(made.id, { requests_per_minute: 1 })
  t.same([await generates(gateway, made.as), await generates(gateway, made.as)], [202, 429])
})

t.test('what is queued is sent only where the key may go by then', async (t) => {
  const { gateway, make, changed } = await withAdmin(t)
  const made = await make({ name: 'marketing' })
  const accept = async () =>
    (await gateway.call('POST', '/generate', { ...cheap, routing: {} }, made.as)).body
  const [first, second] = [await accept(), await accept()]
  t.match(first.route.candidates, [{ upstream: 'reseller' }, { upstream: 'official' }])
  await changed(made.id, { allow: ['official'] })
  for (const { id } of [first, second]) {
    t.match(await gateway.finished(id, made.as), {
      status: 'completed',
      attempts: [{ upstream: 'official' }],
    })
  }
  t.same(gateway.simulator.control.renders('reseller'), [])
})

t.test('an end that comes closer ends what is queued when it comes', async (t) => {
  const { gateway, make, changed } = await withAdmin(t, {
    settings: { reseller: { limits: { max_in_flight: 1 } } },
  })
  const [made, watcher] = [
    await make({ name: 'marketing', tenant: 'film' }),
    await make({ name: 'watcher', tenant: 'film', scopes: ['read'] }),
  ]
  gateway.simulator.control.setFaults('reseller', [{ kind: 'stuck' }])
  const running = (await gateway.call('POST', '/generate', cheap)).body
  await gateway.advance(1000)
  const queued = (await gateway.call('POST', '/generate', cheap, made.as)).body
  await changed(made.id, { expires_at: new Date(gateway.now() + 5000).toISOString() })
  await gateway.advance(5000)
  while ((await gateway.container.endUnsent()) > 0);
  const ended = await gateway.call('GET', `/generations/${queued.id}`, undefined, watcher.as)
  t.match(ended.body, { status: 'cancelled', error: { code: 'key_revoked' }, attempts: [] })
  t.match((await gateway.call('GET', `/generations/${running.id}`)).body, { status: 'in_progress' })
})

t.test('an exhausted budget is told again once there is another one', async (t) => {
  const { gateway, admin, make, changed } = await withAdmin(t)
  const made = await make({ name: 'marketing', monthly_budget_usd: 0 })
  const told = async () => {
    const path = `/audit?action=budget.exhausted&subject=${made.id}`
    return (await gateway.call('GET', path, undefined, admin)).body.data
  }
  for (const budget of [0, 0.01]) {
    await changed(made.id, { monthly_budget_usd: budget })
    t.same([await generates(gateway, made.as), await generates(gateway, made.as)], [402, 402])
  }
  t.match(await told(), [{ data: { budget_micros: 10_000 } }, { data: { budget_micros: 0 } }])
  t.equal((await told()).length, 2)
})

t.test('what no key can be is refused, and changes nothing', async (t) => {
  const { gateway, admin, make, change, changed, audited } = await withAdmin(t)
  const made = await make({ name: 'marketing' })
  for (const [input, pointer] of [
    [{}, ''],
    [{ name: 'sales' }, '/name'],
    [{ tenant: 'sales' }, '/tenant'],
    [{ scopes: [] }, '/scopes'],
    [{ scopes: null }, ''],
    [{ allow: ['official', 'official'] }, '/allow'],
    [{ upstreams: ['resellr'] }, '/upstreams'],
    [{ models: ['sora-3'] }, '/models'],
    [{ monthly_budget_usd: -1 }, '/monthly_budget_usd'],
    [{ requests_per_minute: 0 }, '/requests_per_minute'],
    [{ max_in_flight: 1.5 }, '/max_in_flight'],
    [{ expires_at: '2020-01-01T00:00:00Z' }, '/expires_at'],
  ] as const) {
    const answer = await change(made.id, input)
    t.match(answer, { status: 400, body: { code: 'validation_failed' } }, JSON.stringify(input))
    t.equal(answer.body.errors[0].pointer, pointer, JSON.stringify(input))
  }
  t.same(await audited(made.id), [])

  const { body: list } = await gateway.call('GET', '/keys', undefined, admin)
  const idOf = (name: string) => list.data.find((key: { name: string }) => key.name === name).id
  const fixed = await change(idOf('studio'), { max_in_flight: 1 })
  t.match(fixed.body, { status: 409, code: 'conflict', detail: /configuration file/ })
  const last = await change(idOf('admin'), { scopes: ['read'] })
  t.match(last.body, { status: 409, detail: /last key with the scope admin/ })
  await make({ name: 'another', scopes: ['admin'] })
  t.equal((await changed(idOf('admin'), { scopes: ['admin', 'read'] })).state, 'active')

  const brief = await make({ name: 'brief', expires_at: new Date(gateway.now() + 1000).toISOString() })
  await gateway.advance(1000)
  await gateway.call('DELETE', `/keys/${made.id}`, undefined, admin)
  for (const { id } of [brief, made]) {
    t.match((await change(id, { expires_at: null })).body, { status: 409, detail: /no longer valid/ })
  }
  t.equal((await change(`key_${'0'.repeat(26)}`, { max_in_flight: 1 })).status, 404)
  for (const as of [made.as, bearer(keys.studio)]) {
    const answer = await gateway.call('PATCH', `/keys/${brief.id}`, { max_in_flight: 1 }, as)
    t.ok(answer.status === 401 || answer.status === 403, `${answer.status}`)
  }
})
