import { metrics } from '../../src/gateway/domain/observability/metric-catalogue.ts'
import type { Metric } from '../../src/gateway/domain/observability/metric.ts'

const catalogue: Record<string, Metric> = metrics

/** The metric that a series belongs to; a histogram has three kinds of series. */
function metricOf(series: string): Metric | undefined {
  const histogram = catalogue[series.replace(/_(?:bucket|count|sum)$/, '')]
  return catalogue[series] ?? (histogram?.type === 'histogram' ? histogram : undefined)
}

/** What is wrong with the metrics of the gateway that an expression names, and with the labels that it asks for. */
export function faultsOf(expression: string): string[] {
  return [...expression.matchAll(/\b(understudy_[a-z0-9_]+)(?:\{([^}]*)\})?/g)].flatMap(
    ([, series = '', selector = '']) => {
      const metric = metricOf(series)
      if (metric === undefined) return [`${series} is not in the catalogue`]
      return [...selector.matchAll(/([a-z_]+)(?:!=|=~|!~|=)"([^"]*)"/g)].flatMap(
        ([, label = '', value = '']) => labelFaults(series, metric, label, value.split('|')),
      )
    },
  )
}

/** Labels that Prometheus sets when it scrapes. */
const scraped = new Set(['instance', 'job'])

function labelFaults(
  series: string,
  { labels, buckets = [] }: Metric,
  label: string,
  values: string[],
): string[] {
  if (scraped.has(label)) return []
  const known = label === 'le' ? [...buckets.map(String), '+Inf'] : labels[label]
  if (known === undefined) return [`${series} has no label ${label}`]
  if (typeof known === 'string') return []
  return values.flatMap((value) => (known.includes(value) ? [] : [`${series}: ${label} is never ${value}`]))
}
