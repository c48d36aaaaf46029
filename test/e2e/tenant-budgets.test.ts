import t from 'tap'
import type { Test } from 'tap'
import { startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const cheap = { prompt: 'a mill by a river', duration: 10, routing: { upstreams: ['reseller'] } }
const month = (gateway: Gateway) => new Date(gateway.now()).toISOString().slice(0, 7)

async function start(t: Test) {
  // Nothing may time out on a busy machine: what fails gives its part of the budget back.
  const gateway = await startGateway(t, { patient: true })
  const admin = bearer(gateway.container.adminKey ?? '')
  const call = (method: string, path: string, body?: unknown) => gateway.call(method, path, body, admin)
  const key = async (name: string, more = {}) =>
    bearer((await call('POST', '/keys', { name, tenant: 'film', ...more })).body.secret)
  return { gateway, call, key }
}

t.test(
  'of 20 creates at once by three keys of a tenant, its budget pays for half and never more',
  async (t) => {
    const { gateway, call, key } = await start(t)
    const budget = await call('PATCH', '/tenants/film', { monthly_budget_usd: 1.2 })
    t.match(budget, { status: 200, body: { object: 'tenant', name: 'film', monthly_budget_usd: 1.2 } })
    const keys = [await key('one'), await key('two'), await key('three')]
    const create = (index: number) => gateway.call('POST', '/generate', cheap, keys[index % 3])
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => create(index)))
    const accepted = answers.flatMap((answer, index) => (answer.status === 202 ? [{ answer, index }] : []))
    t.equal(accepted.length, 10, 'ten times $0.12')
    for (const { status, body } of answers.filter((each) => each.status !== 202)) {
      t.match({ status, body }, { status: 402, body: { code: 'budget_exceeded', budget: 'tenant' } })
      t.match(body.detail, /monthly budget of the tenant film/)
    }
    t.match((await call('GET', '/tenants/film')).body, {
      monthly_budget_usd: 1.2,
      spent_this_month_usd: 0,
      reserved_this_month_usd: 1.2,
      in_flight: 10,
      budget_resets_at: /-01T00:00:00\.000Z$/,
    })
    for (const { answer, index } of accepted)
      t.equal((await gateway.finished(answer.body.id, keys[index % 3])).status, 'completed')
    t.equal(gateway.simulator.control.bill().totalUsd, 1.2)
    t.equal((await create(0)).status, 402)
    t.match((await call('GET', '/tenants/film')).body, { spent_this_month_usd: 1.2, in_flight: 0 })
    t.equal((await gateway.call('POST', '/generate', cheap)).status, 202, 'another tenant is free')

    await gateway.restart()
    t.equal((await create(1)).status, 402, 'after a restart too')
    await call('PATCH', '/tenants/film', { monthly_budget_usd: 1.32 })
    t.same([(await create(1)).status, (await create(2)).status], [202, 402], 'raised by one')
    await call('PATCH', '/tenants/film', { monthly_budget_usd: null })
    t.equal((await create(2)).status, 202, 'removed')
  },
)

t.test('the budget of a tenant holds where a plan was made from an older state', async (t) => {
  const stale = { tenantBudget: async () => null }
  const gateway = await startGateway(t, { wrap: { store: (store) => ({ ...store, ...stale }) } })
  const admin = bearer(gateway.container.adminKey ?? '')
  await gateway.call('PATCH', '/tenants/studio', { monthly_budget_usd: 0.24 }, admin)
  const create = async () => gateway.call('POST', '/generate', cheap)
  t.same([(await create()).status, (await create()).status], [202, 202])
  t.match(await create(), { status: 402, body: { code: 'budget_exceeded', budget: 'tenant' } })
})

t.test('POST /route, series and comparisons keep to the budget of the tenant', async (t) => {
  const { gateway, call, key } = await start(t)
  await call('PATCH', '/tenants/film', { monthly_budget_usd: 0.12 })
  const as = await key('one')
  t.equal((await gateway.call('POST', '/route', cheap, as)).status, 200)
  const scene = { prompt: 'a mill by a river', duration: 10, routing: { upstreams: ['reseller'] } }
  const made = await gateway.call('POST', '/series', { name: 'film', scenes: [scene, scene] }, as)
  t.equal(made.status, 202)
  const ended = await seriesEnd(gateway, made.body.id, as)
  t.match(ended.scenes, [
    { status: 'completed' },
    { status: 'failed', error: { code: 'budget_exceeded', message: /monthly budget of the tenant film/ } },
  ])
  t.equal(gateway.simulator.control.bill().totalUsd, 0.12)
  const refused = await gateway.call('POST', '/route', cheap, as)
  t.match(refused, { status: 402, body: { budget: 'tenant', excluded: [{}, { code: 'over_budget' }] } })
  t.match(await gateway.call('POST', '/series', { name: 'more', scenes: [scene] }, as), {
    status: 402,
    body: { code: 'budget_exceeded' },
  })

  await call('PATCH', '/tenants/film', { monthly_budget_usd: 0.3 })
  await gateway.call(
    'POST',
    '/characters',
    { name: 'girl', generation_id: ended.scenes[0].generation_id },
    as,
  )
  const comparison = {
    character: 'girl',
    scenes: ['@girl walks'],
    runs: 2,
    upstreams: ['reseller'],
    duration: 10,
    max_cost_usd: 5,
  }
  t.match(await gateway.call('POST', '/comparisons', comparison, as), {
    status: 402,
    body: { code: 'budget_exceeded', budget: 'tenant', detail: /this comparison exceeds .* the tenant film/ },
  })
})

async function seriesEnd(gateway: Gateway, id: string, as: Record<string, string>) {
  for (let step = 0; step < 200; step++) {
    const { body } = await gateway.call('GET', `/series/${id}`, undefined, as)
    if (body.completed_at !== null) return body
    await gateway.advance(5000)
  }
  throw new Error('the series does not end')
}

t.test('a key sees the budget of its tenant, and each limit names itself', async (t) => {
  const { gateway, call, key } = await start(t)
  const [one, two] = [await key('one', { monthly_budget_usd: 0.12 }), await key('two')]
  const own = async (as: Record<string, string>) =>
    (await gateway.call('GET', '/keys/me', undefined, as)).body
  t.equal((await own(one)).tenant_budget, null)
  await call('PATCH', '/tenants/film', { monthly_budget_usd: 0.36 })
  const create = (as: Record<string, string>) => gateway.call('POST', '/generate', cheap, as)
  t.equal((await create(one)).status, 202)
  t.match(await create(one), { status: 402, body: { budget: 'key', detail: /budget of the key one/ } })
  t.same([(await create(two)).status, (await create(two)).status], [202, 202])
  t.match(await create(two), { status: 402, body: { budget: 'tenant' } })
  const shared = { monthly_budget_usd: 0.36, spent_this_month_usd: 0, reserved_this_month_usd: 0.36 }
  t.match(await own(one), { reserved_this_month_usd: 0.12, in_flight: 1, tenant_budget: shared })
  t.match(await own(two), { monthly_budget_usd: null, in_flight: 2, tenant_budget: shared })
  const listed = (await call('GET', '/keys')).body.data
  t.match(listed.find((each: { name: string }) => each.name === 'one').tenant_budget, shared)

  const entries = (await call('GET', '/audit?limit=100')).body.data
  const told = entries.filter(({ subject }: { subject: string }) => subject === 'film')
  t.match(
    told.toReversed().map(({ action, data }: { action: string; data: object }) => ({ action, data })),
    [
      { action: 'tenant.updated', data: { changes: { monthly_budget_micros: { from: null, to: 360_000 } } } },
      {
        action: 'budget.at_80_percent',
        data: { budget: 'tenant', month: month(gateway), budget_micros: 360_000 },
      },
      { action: 'budget.exhausted', data: { budget: 'tenant' } },
    ],
  )
  t.equal(told.length, 3)
})

t.test(
  'tenants of keys, budgets and work are listed by name; an observer sees them, and only an admin sets them',
  async (t) => {
    const { gateway, call, key } = await start(t)
    const as = await key('one')
    await call('PATCH', '/tenants/not-yet', { monthly_budget_usd: 7 })
    const all = (await call('GET', '/tenants')).body
    t.match(all, { has_more: false, next_cursor: null })
    const names = all.data.map(({ name }: { name: string }) => name)
    t.same(names, ['admin', 'bank', 'film', 'not-yet', 'other', 'studio'])
    const first = (await call('GET', '/tenants?limit=2')).body
    t.match(first, { data: [{ name: 'admin' }, { name: 'bank' }], has_more: true, next_cursor: 'bank' })
    t.match((await call('GET', '/tenants?limit=2&cursor=bank')).body.data, [
      { name: 'film' },
      { name: 'not-yet' },
    ])
    t.match((await call('GET', '/tenants/not-yet')).body, { monthly_budget_usd: 7, in_flight: 0 })
    t.equal((await call('GET', '/tenants/nobody')).status, 404)
    for (const bad of [{}, { monthly_budget_usd: -1 }, { monthly_budget_usd: 5, budget: 5 }])
      t.match(await call('PATCH', '/tenants/film', bad), { status: 400, body: { code: 'validation_failed' } })
    t.equal((await call('PATCH', '/tenants/no%20name', { monthly_budget_usd: 5 })).status, 404)
    const observer = await key('watch', { scopes: ['observe'] })
    t.match((await gateway.call('GET', '/tenants/not-yet', undefined, observer)).body, {
      monthly_budget_usd: 7,
    })
    t.same((await gateway.call('GET', '/tenants', undefined, observer)).body.data, all.data)
    const change = { monthly_budget_usd: 5 }
    t.equal((await gateway.call('PATCH', '/tenants/film', change, observer)).status, 403)
    for (const [method, path] of [
      ['GET', '/tenants'],
      ['GET', '/tenants/film'],
      ['PATCH', '/tenants/film'],
    ] as const) {
      const body = method === 'PATCH' ? { monthly_budget_usd: 5 } : undefined
      t.equal((await gateway.call(method, path, body, as)).status, 403)
    }
  },
)
