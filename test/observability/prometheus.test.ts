import t from 'tap'
import { createPrometheus } from '../../src/gateway/observability/metrics/prometheus.ts'
import { seriesOf } from '../e2e/metrics-page.ts'

const open = (upstreams = ['alpha', 'beta']) => {
  const metrics = createPrometheus({ version: '1.2.3', upstreams })
  return { metrics, series: async () => seriesOf((await metrics.page()).text) }
}
const late = (upstream: string) =>
  ({ name: 'understudy_late_videos_total', labels: { upstream }, value: 1 }) as const

t.test('series of configured upstreams begin with 0, so that the first increase is seen', async (t) => {
  const { series } = open()
  const found = await series()
  t.equal(found.get('understudy_late_videos_total{upstream="alpha"}'), 0)
  t.equal(found.get('understudy_generations_ended_total{outcome="failed"}'), 0)
  t.equal(found.get('understudy_render_duration_seconds_count{upstream="beta"}'), 0)
  t.equal(found.get('understudy_build_info{version="1.2.3"}'), 1)
  t.notOk(found.has('understudy_generations_open{state="queued"}'), 'what is not known has no value')
})

t.test(
  'an unknown value of a label becomes other, and so does an upstream that is not configured',
  async (t) => {
    const { metrics, series } = open()
    metrics.record(late('removed'))
    metrics.record(late('unheard'))
    const labels = { upstream: 'alpha', operation: 'create', outcome: 'word of a vendor' }
    metrics.record({ name: 'understudy_upstream_calls_total', labels, value: 1 })
    const found = await series()
    t.equal(found.get('understudy_late_videos_total{upstream="other"}'), 2)
    t.equal(
      found.get('understudy_upstream_calls_total{upstream="alpha",operation="create",outcome="other"}'),
      1,
    )
    t.notOk([...found.keys()].some((name) => /removed|unheard|vendor/.test(name)))
  },
)

t.test(
  'a reload that removes an upstream ends all of its series, and one that adds it begins them again',
  async (t) => {
    const { metrics, series } = open()
    metrics.record(late('beta'))
    metrics.record({
      name: 'understudy_upstream_calls_total',
      labels: { upstream: 'beta', operation: 'poll', outcome: 'odd' },
      value: 1,
    })
    metrics.replace('understudy_breaker_state', [
      { labels: { upstream: 'beta', operation: 'create' }, value: 2 },
    ])
    const before = await series()
    metrics.follow(['alpha'])
    t.notOk([...(await series()).keys()].some((name) => name.includes('beta')))
    metrics.record(late('beta'))
    t.equal((await series()).get('understudy_late_videos_total{upstream="other"}'), 1)
    metrics.follow(['alpha', 'beta'])
    const again = await series()
    t.equal(again.get('understudy_late_videos_total{upstream="beta"}'), 0)
    t.ok(before.size >= again.size - 1)
  },
)

t.test(
  'a gauge is replaced as a whole: values that become one are added up, and null shows none',
  async (t) => {
    const { metrics, series } = open()
    metrics.replace('understudy_attempts_unknown', [
      { labels: { upstream: 'alpha' }, value: 1 },
      { labels: { upstream: 'removed' }, value: 2 },
      { labels: { upstream: 'unheard' }, value: 3 },
    ])
    metrics.replace('understudy_reserved_cost_usd', [{ labels: {}, value: 0.5 }])
    const found = await series()
    t.equal(found.get('understudy_attempts_unknown{upstream="alpha"}'), 1)
    t.equal(found.get('understudy_attempts_unknown{upstream="other"}'), 5)
    t.equal(found.get('understudy_reserved_cost_usd'), 0.5)
    metrics.replace('understudy_attempts_unknown', null)
    metrics.replace('understudy_reserved_cost_usd', null)
    const names = [...(await series()).keys()]
    t.notOk(names.some((name) => /attempts_unknown\{|reserved_cost/.test(name)))
  },
)
