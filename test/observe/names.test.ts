import { Registry, collectDefaultMetrics } from 'prom-client'
import t from 'tap'
import { parse } from 'yaml'
import { z } from 'zod'
import { generationErrorCodes } from '../../src/gateway/domain/generation/failure.ts'
import { metrics } from '../../src/gateway/domain/observability/metric-catalogue.ts'
import { textOf } from '../docs/files.ts'
import { dashboardOf, queriesOf } from './dashboard.ts'
import { alertsOf, rulesOf, testsOf } from './rules.ts'
import { faultsOf } from './selectors.ts'

const rules = rulesOf(textOf('deploy/observe/rules.yml'))
const tests = testsOf(textOf('deploy/observe/rules.test.yml'))
const dashboard = dashboardOf(textOf('deploy/observe/grafana/dashboards/understudy.json'))
const recordings = rules.groups.flatMap((group) =>
  group.rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])),
)
const expressions = rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr))

t.test(
  'every metric that a rule, its test or the dashboard names exists, with its labels and their values',
  (t) => {
    const series = tests.tests.flatMap(({ input_series }) => input_series.map((each) => each.series))
    const all = [...expressions, ...queriesOf(dashboard), ...series]
    t.ok(all.length > 150, `${all.length} expressions`)
    t.same(all.flatMap(faultsOf), [])
    t.end()
  },
)

t.test('a metric, a label or a value that does not exist is found', (t) => {
  t.same(faultsOf('rate(understudy_polls_total[5m])'), ['understudy_polls_total is not in the catalogue'])
  t.same(faultsOf('understudy_ready_count'), ['understudy_ready_count is not in the catalogue'])
  t.same(faultsOf('understudy_ready{tenant="a"}'), ['understudy_ready has no label tenant'])
  t.same(faultsOf('understudy_generations_ended_total{outcome!~"completed|lost"}'), [
    'understudy_generations_ended_total: outcome is never lost',
  ])
  t.same(faultsOf('understudy_poll_lag_seconds_bucket{le="61"}'), [
    'understudy_poll_lag_seconds_bucket: le is never 61',
  ])
  t.end()
})

t.test(
  'every metric of the process that a rule or the dashboard names is one that prom-client collects',
  (t) => {
    const register = new Registry()
    collectDefaultMetrics({ register })
    const collected = new Set(register.getMetricsAsArray().map(({ name }) => name))
    const named = [...expressions, ...queriesOf(dashboard)].flatMap((text) => [
      ...text.matchAll(/\b(?:nodejs|process)_\w+/g),
    ])
    t.same(
      named.map(String).filter((name) => !collected.has(name)),
      [],
    )
    t.ok(named.length > 3)
    register.clear()
    t.end()
  },
)

t.test('every recording that is used is made, and every one that is made is used', (t) => {
  const used = [...expressions, ...queriesOf(dashboard)].flatMap((text) => [
    ...text.matchAll(/\bunderstudy:\w+:\w+/g),
  ])
  t.same(new Set(used.map(String)), new Set(recordings))
  t.end()
})

t.test('every error code counts against the objective or is known to be an end of the caller', (t) => {
  const selectors = expressions.flatMap((text) => [...text.matchAll(/failed_total\{code!~"([^"]*)"\}/g)])
  const lists = new Set(selectors.map(([, codes = '']) => codes))
  t.equal(lists.size, 1, 'one list')
  const own = new Set([...lists].join('').split('|'))
  t.same(
    generationErrorCodes.filter((code) => !own.has(code)),
    ['no_upstream', 'upstream_failed', 'outcome_unknown', 'deadline_exceeded', 'archive_failed'],
  )
  t.end()
})

t.test('a lag is compared with a bound of the buckets, where a percentile is exact', (t) => {
  t.ok([...metrics.understudy_poll_lag_seconds.buckets].slice(0, -1).includes(60))
  t.ok([...metrics.understudy_webhook_lag_seconds.buckets].slice(0, -1).includes(300))
  t.end()
})

t.test('every alert is tested', (t) => {
  const tested = tests.tests
    .flatMap(({ promql_expr_test }) => promql_expr_test.map(({ expr }) => expr))
    .join('\n')
  for (const { alert } of alertsOf(rules)) t.ok(tested.includes(`"${alert}"`), alert)
  t.end()
})

t.test(
  'the dashboard has one data source, which is provisioned, and every panel a number and a place of its own',
  (t) => {
    const Provisioned = z.looseObject({ datasources: z.array(z.looseObject({ uid: z.string() })) })
    const provisioned = Provisioned.parse(
      parse(textOf('deploy/observe/grafana/provisioning/datasources/prometheus.yml')),
    )
    const { panels, annotations } = dashboard
    const sources = [...panels.flatMap(({ targets }) => targets), ...panels, ...annotations.list]
    const uids = new Set(sources.flatMap(({ datasource }) => datasource?.uid ?? []))
    t.same(
      [...uids],
      provisioned.datasources.map(({ uid }) => uid),
    )
    t.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
    const cells = panels.flatMap(({ gridPos: { h, w, x, y } }) =>
      Array.from({ length: h * w }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
    )
    t.equal(new Set(cells).size, cells.length, 'no two overlap')
    t.ok(panels.every(({ gridPos: { x, w } }) => x + w <= 24))
    t.end()
  },
)
