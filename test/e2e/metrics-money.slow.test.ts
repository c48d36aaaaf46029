import t from 'tap'
import type { Test } from 'tap'
import { countsOf, seriesOf } from './metrics-page.ts'
import type { Series } from './metrics-page.ts'
import { keys, official, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const observer = { authorization: `Bearer ${keys.other}` }
const on = { metrics: { enabled: true }, keys: { other: { scopes: ['observe'] } } }
const scene = { prompt: 'a paper boat', duration: 5 }

async function scrape(gateway: Gateway): Promise<Series> {
  // Figures of the database are kept for ten seconds.
  await gateway.advance(10_000)
  const { status, body } = await gateway.call('GET', '/metrics', undefined, observer)
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
  return seriesOf(String(body))
}

/** Money by upstream, as the ledger has it. */
async function compareMoney(t: Test, gateway: Gateway, series: Series): Promise<void> {
  const { data, totals } = (await gateway.call('GET', '/usage?group_by=upstream')).body
  for (const { upstream, cost_usd: cost, unused_cost_usd: unused } of data) {
    const of = (name: string) => series.get(`understudy_${name}_usd_total{upstream="${upstream}"}`)
    t.equal(of('settled_cost'), cost, `settled at ${upstream}`)
    t.equal(of('paid_without_video'), unused, `paid without a video at ${upstream}`)
  }
  t.equal(series.get('understudy_reserved_cost_usd'), totals.reserved_cost_usd, 'may still be charged')
}

t.test('a generation that fell back is counted as the ledger has it', async (t) => {
  const gateway = await startGateway(t, { ...on, upstreams: [{ ...reverse, chargedOn: 'create' }, official] })
  gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late' }])
  t.equal((await gateway.generate(scene)).status, 'completed')
  const series = await scrape(gateway)
  t.match(countsOf(series), {
    understudy_generations_accepted_total: 1,
    'understudy_generations_ended_total{outcome="completed"}': 1,
    'understudy_fallbacks_total{reason="job_failed"}': 1,
    'understudy_upstream_calls_total{upstream="reseller",operation="create",outcome="accepted"}': 1,
    'understudy_upstream_calls_total{upstream="reseller",operation="poll",outcome="failed"}': 1,
    'understudy_upstream_calls_total{upstream="official",operation="fetch",outcome="body"}': 1,
    'understudy_render_duration_seconds_count{upstream="official"}': 1,
    'understudy_settled_cost_usd_total{upstream="reseller"}': 0.12,
    'understudy_paid_without_video_usd_total{upstream="reseller"}': 0.12,
  })
  t.notOk(countsOf(series)['understudy_generations_failed_total{code="upstream_failed"}'])
  await compareMoney(t, gateway, series)
})

t.test('an unknown outcome is counted while it is unknown, and its money is reserved', async (t) => {
  const gateway = await startGateway(t, on)
  gateway.simulator.control.setFaults('reseller', [{ on: ['create'], kind: 'reset', accepted: true }])
  const failed = await gateway.generate({ ...scene, routing: { upstreams: ['reseller'] } })
  t.equal(failed.error.code, 'outcome_unknown')
  const series = await scrape(gateway)
  t.match(countsOf(series), {
    'understudy_generations_failed_total{code="outcome_unknown"}': 1,
    'understudy_upstream_calls_total{upstream="reseller",operation="create",outcome="unknown"}': 1,
    'understudy_attempts_unknown{upstream="reseller"}': 1,
    understudy_reserved_cost_usd: 0.12,
  })
  t.ok((series.get('understudy_attempts_unknown_oldest_age_seconds') ?? 0) >= 600)
  t.equal(series.get('understudy_attempts_unknown{upstream="official"}'), 0)
  await compareMoney(t, gateway, series)
})

t.test('a late video changes no outcome, and what it cost has its video', async (t) => {
  const gateway = await startGateway(t, on)
  gateway.simulator.control.setFaults('reseller', [{ kind: 'stuck' }])
  await gateway.generate({ ...scene, routing: { deadline_seconds: 600 } })
  const before = await scrape(gateway)
  t.equal(before.get('understudy_late_videos_total{upstream="reseller"}'), 0)
  await compareMoney(t, gateway, before)
  gateway.simulator.control.finish(gateway.simulator.control.renders()[0]?.id ?? '')
  for (let step = 0; step < 20; step++) await gateway.advance(30_000)
  const series = await scrape(gateway)
  t.match(countsOf(series), {
    'understudy_generations_ended_total{outcome="failed"}': 1,
    'understudy_late_videos_total{upstream="reseller"}': 1,
    'understudy_settled_cost_usd_total{upstream="reseller"}': 0.12,
  })
  t.notOk(countsOf(series)['understudy_generations_ended_total{outcome="completed"}'])
  await compareMoney(t, gateway, series)
})
