import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { startVendorProxy } from '../fixtures/vendor-proxy.ts'
import { keys, official, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const other = { authorization: `Bearer ${keys.other}` }
const body = { prompt: 'a mill by a river', duration: 10 }

async function usage(gateway: Gateway, query = '', headers: Record<string, string> = {}) {
  const answer = await gateway.call('GET', `/usage${query}`, undefined, headers)
  t.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body
}

t.test('a report tells what routing saved, what stability cost, and what was paid for nothing', async (t) => {
  const gateway = await startGateway(t, { upstreams: [reverse, { ...official, chargedOn: 'create' }] })
  await gateway.generate(body)
  await gateway.generate({ ...body, routing: { priority: 'stability' } })
  t.match(await usage(gateway, '?group_by=kind'), {
    data: [
      {
        kind: 'official',
        videos: 1,
        cost_usd: 1.2,
        premium_usd: 1.08,
        official_cost_usd: 1.2,
        saving_usd: 0,
      },
      {
        kind: 'reverse',
        videos: 1,
        cost_usd: 0.12,
        premium_usd: 0,
        official_cost_usd: 1.2,
        saving_usd: 1.08,
      },
    ],
    totals: { attempts: 2, generations: 2, cost_usd: 1.32, unused_cost_usd: 0, saving_usd: 1.08 },
  })

  gateway.simulator.control.setFaults('official', [{ kind: 'fails_late' }])
  const routing = { upstreams: ['official'] }
  t.equal((await gateway.generate({ ...body, routing })).status, 'failed')
  const { totals } = await usage(gateway)
  t.match(totals, { videos: 2, cost_usd: 2.52, unused_cost_usd: 1.2, saving_usd: -0.12 })
  t.equal(totals.cost_usd, gateway.simulator.control.bill().totalUsd, 'as the vendors billed it')
})

t.test('a report tells what a vendor says that it cost, beside what we reckon', async (t) => {
  const vendor = await startVendorProxy(t)
  const gateway = await startGateway(t, {
    upstreams: [reverse, official],
    settings: { reseller: { base_url: vendor.url } },
  })
  vendor.forwardTo(gateway.simulator.baseUrl('reseller'))
  let says = true
  vendor.answerWith(({ method }, { status, body }) => {
    if (method !== 'GET' || !says || !body.startsWith('{')) return null
    return { status, body: JSON.stringify({ ...JSON.parse(body), usage: { cost: 0.2 } }) }
  })
  await gateway.generate(body)
  says = false
  await gateway.generate(body)
  await gateway.generate({ ...body, routing: { upstreams: ['official'] } })
  const noon = new Date(gateway.now() - (gateway.now() % 86_400_000) - 1).toISOString()
  for (const query of ['?group_by=upstream', `?group_by=upstream&from=${noon}`]) {
    t.match(await usage(gateway, query), {
      data: [
        {
          upstream: 'official',
          vendor_cost_attempts: 0,
          vendor_cost_usd: null,
          vendor_difference_usd: null,
        },
        {
          upstream: 'reseller',
          attempts: 2,
          cost_usd: 0.24,
          vendor_cost_attempts: 1,
          vendor_cost_usd: 0.2,
          vendor_difference_usd: 0.08,
        },
      ],
      totals: { vendor_cost_attempts: 1, vendor_cost_usd: 0.2, vendor_difference_usd: 0.08 },
    })
  }
})

t.test('where it is configured, the cost is what the vendor says, and budgets count it', async (t) => {
  const vendor = await startVendorProxy(t)
  const price = { per_request_usd: 0.12, settle_by: 'vendor', usd_per_unit: { tokens: 0.000_002 } }
  const gateway = await startGateway(t, {
    upstreams: [reverse, official],
    settings: { reseller: { base_url: vendor.url, price } },
    keys: { other: { monthly_budget_usd: 0.5 } },
  })
  vendor.forwardTo(gateway.simulator.baseUrl('reseller'))
  let reported: object = { total_tokens: 100_000 }
  vendor.answerWith(({ method }, { status, body }) => {
    if (method !== 'GET' || !body.startsWith('{')) return null
    return { status, body: JSON.stringify({ ...JSON.parse(body), usage: reported }) }
  })
  const first = await gateway.generate(body, other)
  t.match(first, {
    status: 'completed',
    cost_usd: 0.2,
    cost_source: 'vendor',
    warnings: [{ code: 'cost_differs', detail: /0\.2000 USD; the expected cost was 0\.1200 USD/ }],
    attempts: [
      {
        cost_usd: 0.2,
        cost_source: 'vendor',
        vendor_cost_usd: 0.2,
        vendor_usage: { amount: 100_000, unit: 'tokens' },
        expected_cost_usd: 0.12,
      },
    ],
  })
  const told = await gateway.call('GET', `/generations/${first.id}/events`, undefined, {
    ...other,
    accept: 'text/event-stream',
  })
  t.match(String(told.body), /event: attempt\.cost_differs\n.*"vendor_usd":0\.2,"expected_usd":0\.12/)
  t.match(await usage(gateway, '?group_by=upstream', other), {
    data: [{ upstream: 'reseller', cost_usd: 0.2, vendor_cost_usd: 0.2, vendor_difference_usd: 0.08 }],
  })
  reported = { cost: 0.13 }
  const settled = await gateway.generate(body, other)
  t.match(settled, { cost_usd: 0.13, cost_source: 'vendor' })
  t.same(settled.warnings, [])
  // 0.33 of 0.50 is spent: by the price list there would be room for two.
  const routing = { upstreams: ['reseller'] }
  const last = await gateway.call('POST', '/generate', { ...body, routing }, other)
  t.equal(last.status, 202)
  const refused = await gateway.call('POST', '/generate', { ...body, routing }, other)
  t.match(refused, { status: 402, body: { code: 'budget_exceeded' } })
  reported = {}
  await gateway.finished(last.body.id, other)
  t.match(await usage(gateway, '?group_by=upstream', other), {
    data: [{ cost_usd: 0.45, vendor_cost_attempts: 2, vendor_difference_usd: 0.09 }],
  })
})

t.test('settled by what the vendor reports, the ledger is its bill, whatever the prices say', async (t) => {
  const dear: SimulatedUpstream = {
    ...official,
    id: 'openrouter',
    dialect: 'openrouter',
    price: { perSecondUsd: { default: 0.4 } },
    characters: false,
  }
  const price = { per_second_usd: { default: 0.1 }, settle_by: 'vendor' }
  const gateway = await startGateway(t, { upstreams: [dear], settings: { openrouter: { price } } })
  const request = { prompt: 'a mill by a river', duration: 4 }
  t.match(await gateway.generate(request), { cost_usd: 1.6, cost_source: 'vendor' })
  gateway.simulator.control.setFaults('openrouter', [{ kind: 'fails_late', times: 1 }])
  t.match(await gateway.generate(request), { status: 'failed', cost_usd: 0 })
  t.match(await gateway.generate(request), { cost_usd: 1.6 })
  const { totals } = await usage(gateway)
  t.equal(totals.cost_usd, gateway.simulator.control.bill().totalUsd)
  t.match(totals, { cost_usd: 3.2, reserved_cost_usd: 0, vendor_difference_usd: 2.4 })
})

t.test('a report outlives its generations, and is of the own tenant', async (t) => {
  const gateway = await startGateway(t)
  const generation = await gateway.generate(body)
  await gateway.generate(body, other)
  t.equal((await usage(gateway)).totals.cost_usd, 0.12)
  t.equal((await gateway.call('DELETE', `/generations/${generation.id}`)).status, 204)
  t.match((await usage(gateway)).totals, { generations: 1, videos: 1, cost_usd: 0.12 })
  const foreign = await gateway.call('GET', '/usage?tenant=other')
  t.equal(foreign.status, 403)
  t.equal((await usage(gateway, '?tenant=studio')).tenant, 'studio')
})

t.test('an admin sees every tenant, or the one asked for', async (t) => {
  const gateway = await startGateway(t, { keys: { other: { scopes: ['admin', 'generate'] } } })
  await gateway.generate(body)
  await gateway.generate(body, other)
  const all = await usage(gateway, '?group_by=tenant,key', other)
  t.match(all, {
    tenant: null,
    data: [
      { tenant: 'other', key: 'other', cost_usd: 0.12 },
      { tenant: 'studio', key: 'studio', cost_usd: 0.12 },
    ],
    totals: { cost_usd: 0.24 },
  })
  t.match(await usage(gateway, '?tenant=studio', other), { tenant: 'studio', totals: { cost_usd: 0.12 } })
})

t.test('without a time a report is of this month, and an end alone takes the month it ends', async (t) => {
  const gateway = await startGateway(t)
  const now = new Date(gateway.now())
  const month = (offset: number) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset)).toISOString()
  t.match(await usage(gateway), { from: month(0), to: month(1) })
  t.match(await usage(gateway, `?to=${month(0)}`), { from: month(-1), to: month(0) })
  t.match(await usage(gateway, `?from=${month(-3)}`), { from: month(-3), to: month(1) })
  const backwards = await gateway.call('GET', `/usage?from=${month(1)}&to=${month(0)}`)
  t.equal(backwards.status, 400)
  t.equal(backwards.body.errors[0].pointer, '#/query/to')
})

t.test('an estimate from history is what the vendors billed, where the policy was the same', async (t) => {
  const gateway = await startGateway(t, { upstreams: [reverse, official] })
  await gateway.generate(body)
  await gateway.generate(body)
  await gateway.generate({ ...body, routing: { upstreams: ['official'] } })
  gateway.simulator.control.setFaults('reseller', [{ kind: 'refused' }])
  t.equal((await gateway.generate(body)).status, 'failed')
  await gateway.generate(body, other)
  const { totals } = await usage(gateway)
  const answer = await gateway.call('POST', '/estimates', { from_history: {} })
  t.equal(answer.status, 200, JSON.stringify(answer.body))
  t.match(answer.body, {
    count: 3,
    history: { tenant: 'studio', sampled: 3, cost_usd: totals.cost_usd, unused_cost_usd: 0 },
    data: [
      { policy: 'cost', month_usd: 0.36, saving_usd: 3.24, upstreams: [{ upstream: 'reseller', count: 3 }] },
      { policy: 'stability', month_usd: 3.6, saving_usd: 0 },
      { policy: 'official_only', month_usd: 3.6, per_video_usd: 1.2, unserved: 0 },
      { policy: 'reverse_only', month_usd: 0.36 },
    ],
  })
  t.equal(totals.cost_usd, 1.44)
  t.notMatch(JSON.stringify(answer.body), /mill/, 'without a prompt')
})
