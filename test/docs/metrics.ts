import { callOutcomes } from '../../src/gateway/domain/observability/call-outcomes.ts'
import { gatewayMetrics } from '../../src/gateway/domain/observability/gateway-metrics.ts'
import { generationMetrics } from '../../src/gateway/domain/observability/generation-metrics.ts'
import { upstreamMetrics } from '../../src/gateway/domain/observability/upstream-metrics.ts'
import { otherValue } from '../../src/gateway/domain/observability/metric.ts'
import type { CountedSince, LabelValues, Metric } from '../../src/gateway/domain/observability/metric.ts'

const groups: ReadonlyArray<[title: string, metrics: Record<string, Metric>]> = [
  ['Generations and webhooks', generationMetrics],
  ['Upstreams and money', upstreamMetrics],
  ['The gateway', gatewayMetrics],
]

const sinceTexts: Record<CountedSince, string> = {
  process: 'Since the process started',
  scrape: 'When it is read',
  month: 'This calendar month (UTC), when it is read',
}

const units = ['seconds', 'bytes', 'usd', 'ratio'] as const

function unitOf(name: string): string {
  const words = name.split('_')
  return units.find((unit) => words.includes(unit)) ?? 'number'
}

function valuesOf(values: LabelValues): string {
  switch (values) {
    case 'upstreams':
      return 'the IDs of the configured upstreams'
    case 'routes':
      return 'the patterns of the routes, such as `/generations/:id`'
    case 'version':
      return 'the version of the gateway'
    default:
      return values.map((value) => `\`${value}\``).join(', ')
  }
}

/** An entry of a list, in lines of at most 130 characters. */
function wrapped(entry: string): string {
  return entry.replaceAll(/(.{1,128})(?: +|$)/g, '$1\n  ').trimEnd()
}

function sectionOf([name, { type, labels, help, since, buckets }]: [string, Metric]): string {
  const lines = [
    `- Type: ${type}. Unit: ${unitOf(name)}. Counts: ${sinceTexts[since].toLowerCase()}.`,
    ...Object.entries(labels).map(([label, values]) => wrapped(`- Label \`${label}\`: ${valuesOf(values)}.`)),
    ...(buckets === undefined ? [] : [`- Buckets: ${buckets.join(', ')}.`]),
  ]
  return `### ${name}\n\n${help}.\n\n${lines.join('\n')}\n`
}

/** The page, as formatted by Prettier. */
export function metricsPage(): string {
  const sections = groups.map(
    ([title, metrics]) => `## ${title}\n\n${Object.entries(metrics).map(sectionOf).join('\n')}`,
  )
  const outcomes = Object.entries(callOutcomes).map(
    ([operation, words]) => `- \`${operation}\`: ${words.map((word) => `\`${word}\``).join(', ')}`,
  )
  return `# Metrics

<!-- Made of src/gateway/domain/observability by npm run metrics. -->

What \`GET /metrics\` returns. [CONFIGURATION.md](CONFIGURATION.md#metrics) says how to turn it on.

No label has a tenant, a key, a model or text from outside, so the number of series depends on the configuration alone. A value that a
label does not list becomes \`${otherValue}\`: an upstream that is no longer configured, a path without a route. All series of
configured upstreams exist from the start, with 0.

Counters and histograms begin with 0 when the process starts; use \`rate()\` and \`increase()\`. They count what was stored: a write
that is rolled back counts nothing. Money that must be exact over restarts is in \`GET /usage\`. Paid, may still be charged, and paid
without a video are three metrics, and are never added up.

Figures of the database are read at most every ten seconds, outside of the event loop. If they cannot be read in time, their metrics
are missing from the response, and the others are there. Open work is read from indexes that do not grow with what has ended.

Without \`metrics\` in the configuration nothing is loaded, wrapped or counted. With it, an accept allocates 2 KB more, about 1 %, and takes
about 3 µs more; answering a scrape takes about 10 ms of the event loop. With 100,000 generations open, the figures of the database take 0.15 s of
another core.

The default metrics of [prom-client](https://github.com/siimon/prom-client) are there, too: \`process_*\` and \`nodejs_*\`, with the
lag of the event loop in \`nodejs_eventloop_lag_seconds\` and its percentiles.

${sections.join('\n')}
## Outcomes of calls

The outcomes of \`understudy_upstream_calls_total\` by operation:

${outcomes.join('\n')}
`
}
