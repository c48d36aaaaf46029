import { collectDefaultMetrics, Registry } from 'prom-client'
import { labelSetsOf } from '../../domain/observability/label-sets.ts'
import { metrics } from '../../domain/observability/metric-catalogue.ts'
import type { Metric } from '../../domain/observability/metric.ts'
import type { Metrics } from '../../ports/metrics.ts'
import { keepMetric } from './kept-metric.ts'

/** Gauges whose names end like those of counters. The metrics of the same name without `_total` say it by type. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

/**
 * Metrics on prom-client (15.1.3). Its OpenMetrics format is not offered: it renames counters in place, so that one registry cannot
 * answer in both formats.
 */
export function createPrometheus(start: { version: string; upstreams: readonly string[] }): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const name of misnamed) registry.removeSingleMetric(name)
  let configured: ReadonlySet<string> = new Set()
  const catalogue: ReadonlyArray<[string, Metric]> = Object.entries(metrics)
  const each = catalogue.map(([name, metric]) => ({
    name,
    metric,
    kept: keepMetric(registry, name, metric, () => configured),
  }))
  const byName = new Map(each.map(({ name, kept }) => [name, kept]))

  function follow(next: readonly string[]): void {
    const gone = [...configured].filter((id) => !next.includes(id))
    const come = next.filter((id) => !configured.has(id))
    configured = new Set(next)
    for (const { metric, kept } of each) {
      if (!isOfUpstreams(metric)) continue
      for (const labels of labelSetsOf(metric, gone, true)) kept.end(labels)
      if (metric.since === 'process') for (const labels of labelSetsOf(metric, come)) kept.begin(labels)
    }
  }

  for (const { metric, kept } of each)
    if (metric.since === 'process' && !isOfUpstreams(metric))
      for (const labels of labelSetsOf(metric, [])) kept.begin(labels)
  follow(start.upstreams)

  const record: Metrics['record'] = ({ name, labels, value }) => byName.get(name)?.record(labels, value)
  record({ name: 'understudy_build_info', labels: { version: start.version }, value: 1 })

  return {
    record,
    replace: (name, values) => byName.get(name)?.replace(values ?? []),
    follow,
    page: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}

function isOfUpstreams({ labels }: Metric): boolean {
  return Object.values(labels).includes('upstreams')
}
