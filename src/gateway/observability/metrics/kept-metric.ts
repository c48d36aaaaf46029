import { Counter, Gauge, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Labels } from '../../domain/observability/label-sets.ts'
import { otherValue } from '../../domain/observability/metric.ts'
import type { Metric } from '../../domain/observability/metric.ts'

/** One metric as prom-client keeps it. Labels are bounded before they are kept. */
export interface KeptMetric {
  record(labels: Labels, value: number): void
  /** Begins a series with 0. */
  begin(labels: Labels): void
  end(labels: Labels): void
  /** Replaces all values of a gauge. */
  replace(values: ReadonlyArray<{ labels: Labels; value: number }>): void
}

/** `configured`: the upstreams that have series of their own. */
export function keepMetric(
  registry: Registry,
  name: string,
  metric: Metric,
  configured: () => ReadonlySet<string>,
): KeptMetric {
  const kept = makeMetric(registry, name, metric)
  const bound = createBounds(metric, configured)
  return {
    ...kept,
    record: (labels, value) => kept.record(bound(labels), value),
    replace: (values) => kept.replace(values.map(({ labels, value }) => ({ labels: bound(labels), value }))),
  }
}

function makeMetric(registry: Registry, name: string, { type, labels, help, buckets }: Metric): KeptMetric {
  const made = { name, help, labelNames: Object.keys(labels), registers: [registry] }
  switch (type) {
    case 'counter': {
      const counter = new Counter(made)
      return {
        record: (each, value) => counter.inc(each, value),
        begin: (each) => counter.inc(each, 0),
        end: (each) => counter.remove(each),
        replace: () => undefined,
      }
    }
    case 'histogram': {
      const histogram = new Histogram({ ...made, buckets: [...(buckets ?? [])] })
      return {
        record: (each, value) => histogram.observe(each, value),
        begin: (each) => histogram.zero(each),
        end: (each) => histogram.remove(each),
        replace: () => undefined,
      }
    }
    case 'gauge': {
      const gauge = new Gauge(made)
      return {
        record: (each, value) => gauge.set(each, value),
        begin: (each) => gauge.set(each, 0),
        end: (each) => gauge.remove(each),
        replace(values) {
          gauge.reset()
          // Without labels, a reset sets it to 0.
          if (made.labelNames.length === 0) gauge.remove()
          for (const { labels: each, value } of values) gauge.inc(each, value)
        },
      }
    }
  }
}

/** Labels whose values are listed, or configured, or `other`. */
function createBounds({ labels }: Metric, configured: () => ReadonlySet<string>): (given: Labels) => Labels {
  const bounds = Object.entries(labels).flatMap(([label, values]) => {
    if (values === 'routes' || values === 'version') return []
    const listed = values === 'upstreams' ? null : new Set(values)
    return [{ label, allows: (value: string) => (listed ?? configured()).has(value) }]
  })
  return (given) => {
    const wrong = bounds.filter(({ label, allows }) => !allows(given[label] ?? ''))
    if (wrong.length === 0) return given
    return { ...given, ...Object.fromEntries(wrong.map(({ label }) => [label, otherValue])) }
  }
}
