import t from 'tap'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { seriesOf } from './metrics-page.ts'
import type { Series } from './metrics-page.ts'
import { configText, keys, official, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { startReceiver } from './receiver.ts'

const operator = { authorization: `Bearer ${keys.other}` }
const on = { metrics: { enabled: true }, keys: { other: { scopes: ['operate'] } } }
const scene = { prompt: 'a paper boat', duration: 5 }

const of = (series: Series, name: string) => series.get(`understudy_${name}`)
const settled = (id: string) => `understudy_settled_cost_usd_total{upstream="${id}"}`

async function scrape(gateway: Gateway): Promise<Series> {
  // Figures of the database are kept for ten seconds.
  await gateway.advance(10_000)
  return seriesOf(String((await gateway.call('GET', '/metrics', undefined, operator)).body))
}

t.test('an account that is turned away, an open breaker and a pause are seen, and their ends', async (t) => {
  const breakerSettings = { failure_rate: 0.5, window_seconds: 300, min_calls: 5, open_seconds: 3600 }
  const gateway = await startGateway(t, { ...on, settings: { reseller: { breaker: breakerSettings } } })
  const trouble = 'upstream_account_trouble{upstream="reseller"}'
  const breaker = 'breaker_state{upstream="reseller",operation="create"}'
  t.equal(of(await scrape(gateway), trouble), 0)
  gateway.simulator.control.setFaults('reseller', [{ kind: 'billing' }])
  for (const _ of [1, 2, 3, 4, 5]) await gateway.call('POST', '/generate', scene)
  const bad = await scrape(gateway)
  t.equal(of(bad, trouble), 1)
  t.equal(of(bad, breaker), 2)
  t.equal(of(bad, 'breaker_state{upstream="official",operation="create"}'), 0)
  t.equal(of(bad, 'fallbacks_total{reason="upstream_down"}'), 5)
  gateway.simulator.control.reset()
  await gateway.call('POST', '/upstreams/reseller/breakers/create/reset', undefined, operator)
  await gateway.generate({ ...scene, routing: { upstreams: ['reseller'] } })
  const good = await scrape(gateway)
  t.equal(of(good, trouble), 0)
  t.equal(of(good, breaker), 0)

  await gateway.call('POST', '/operations/pause', { reason: 'maintenance' }, operator)
  const paused = await scrape(gateway)
  for (const id of ['reseller', 'official'])
    t.equal(of(paused, `submissions_paused{upstream="${id}"}`), 1, id)
  await gateway.call('POST', '/operations/resume', undefined, operator)
  t.equal(of(await scrape(gateway), 'submissions_paused{upstream="reseller"}'), 0)
})

t.test('a webhook is pending until it is delivered, and its lag is from the event', async (t) => {
  const gateway = await startGateway(t, on)
  const receiver = await startReceiver(t)
  await gateway.call('POST', '/webhook-secrets', {})
  receiver.respond = () => 503
  await gateway.generate({ ...scene, webhook_url: `${receiver.url}/hook` })
  await gateway.advance(0)
  const waiting = await scrape(gateway)
  t.equal(waiting.get('understudy_webhook_deliveries_pending'), 1)
  const failed = waiting.get('understudy_webhook_deliveries_total{outcome="pending"}') ?? 0
  t.equal(failed, receiver.messages.length)
  t.equal(waiting.get('understudy_webhook_lag_seconds_count'), 0)
  receiver.respond = () => 204
  for (let step = 0; step < 6; step++) await gateway.advance(10_000)
  const series = await scrape(gateway)
  t.equal(series.get('understudy_webhook_deliveries_pending'), 0)
  t.equal(series.get('understudy_webhook_deliveries_total{outcome="delivered"}'), 1)
  t.equal(series.get('understudy_webhook_lag_seconds_count'), 1)
  t.ok((series.get('understudy_webhook_lag_seconds_sum') ?? 0) >= 5, 'retries included')
})

t.test('how far budgets are used up is seen, and not whose', async (t) => {
  const gateway = await startGateway(t, {
    ...on,
    keys: { other: { scopes: ['operate'] }, bank: { monthly_budget_usd: 1, allow: ['official', 'reverse'] } },
  })
  const idle = await scrape(gateway)
  t.equal(idle.get('understudy_budget_used_ratio_max'), 0)
  const cheap = { ...scene, routing: { upstreams: ['reseller'], fallback: false } }
  const bank = { authorization: `Bearer ${keys.bank}` }
  for (const _ of [1, 2, 3]) await gateway.generate(cheap, bank)
  t.equal((await scrape(gateway)).get('understudy_budget_used_ratio_max'), 0.36)
  t.equal((await scrape(gateway)).get('understudy_budgets_above_80_percent'), 0)
  for (const _ of [1, 2, 3, 4]) await gateway.generate(cheap, bank)
  const near = await scrape(gateway)
  t.equal(near.get('understudy_budget_used_ratio_max'), 0.84)
  t.equal(near.get('understudy_budgets_above_80_percent'), 1)
  const names = [...near.keys()].filter((name) => name.startsWith('understudy_'))
  t.notOk(
    names.some((name) => /bank|studio|sora/.test(name)),
    'no key, no tenant, no model',
  )
})

t.test('after a reload the labels are those of the configuration', async (t) => {
  const gateway = await startGateway(t, on)
  await gateway.generate(scene)
  t.equal((await scrape(gateway)).get(settled('reseller')), 0.12)
  const reload = (upstreams: (typeof official)[]) => {
    const text = configText(gateway.simulator, upstreams, gateway.directory, on)
    const loaded = loadConfig({ text, fileName: null, env: {}, knownDialects, inlineDialects })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    t.match(gateway.container.reload(loaded), { type: 'reloaded' })
  }
  reload([official])
  const names = [...(await scrape(gateway)).keys()]
  t.notOk(names.some((name) => name.includes('reseller')))
  t.ok(names.includes(settled('official')))
  reload([official, reverse])
  await gateway.generate(scene)
  t.equal((await scrape(gateway)).get(settled('reseller')), 0.12, 'it counts from 0 again')
})
