import t from 'tap'
import { metrics } from '../../src/gateway/domain/observability/metric-catalogue.ts'
import type { Metric } from '../../src/gateway/domain/observability/metric.ts'
import { metricsPage } from '../docs/metrics.ts'
import { textOf } from '../docs/files.ts'

const catalogue: Array<[string, Metric]> = Object.entries(metrics)

/** Base units and their ends, as Prometheus wants them. */
const scaled = /_(ms|milliseconds|micros|minutes|hours|kb|megabytes|percent)(_|$)/

t.test('names of metrics follow the conventions of Prometheus', async (t) => {
  for (const [name, { type, help, buckets }] of catalogue) {
    t.match(name, /^understudy(_[a-z0-9]+)+$/, name)
    t.equal(name.endsWith('_total'), type === 'counter', `${name}: _total is for counters`)
    t.equal(buckets !== undefined, type === 'histogram', `${name}: buckets are for histograms`)
    t.same(
      buckets,
      buckets?.toSorted((a, b) => a - b),
      `${name}: buckets ascend`,
    )
    if (name !== 'understudy_budgets_above_80_percent') t.notMatch(name, scaled, `${name}: base units`)
    if (type === 'histogram') t.match(name, /_seconds$/, `${name}: unit`)
    t.notMatch(help, /\.$/, `${name}: the help is no sentence`)
  }
})

t.test('no label has a tenant, a key, a model or text from outside', async (t) => {
  const allowed = ['check', 'code', 'directory', 'method', 'operation', 'outcome', 'reason', 'route']
  const labels = new Set(catalogue.flatMap(([, metric]) => Object.keys(metric.labels)))
  t.same([...labels].toSorted(), [...allowed, 'state', 'status', 'upstream', 'version'])
})

t.test('a label with a list has each value once, and none of them is a text', async (t) => {
  for (const [name, metric] of catalogue)
    for (const [label, values] of Object.entries(metric.labels)) {
      if (typeof values === 'string') continue
      t.equal(new Set(values).size, values.length, `${name} ${label}`)
      for (const value of values) t.match(value, /^([a-z_]+|[A-Z]+|[2-5]xx)$/, `${name} ${label}`)
    }
})

t.test('docs/METRICS.md is what the catalogue says', async (t) => {
  t.equal(textOf('docs/METRICS.md'), metricsPage(), 'run npm run metrics')
})
