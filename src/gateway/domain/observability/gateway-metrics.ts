import type { Metric } from './metric.ts'
import { readinessChecks } from './readiness.ts'

export const httpMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
export const statusClasses = ['2xx', '3xx', '4xx', '5xx'] as const
export const storageDirectories = ['data', 'media'] as const

/** A long poll takes up to a minute. */
const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60]

/** Of the gateway itself: whether it works, what it has room for, how fast it answers. */
export const gatewayMetrics = {
  understudy_build_info: {
    type: 'gauge',
    labels: { version: 'version' },
    help: 'Always 1; the label is the running version',
    since: 'process',
  },
  understudy_ready: {
    type: 'gauge',
    labels: { check: readinessChecks },
    help: '1 if this check of GET /health/ready passes, else 0',
    since: 'scrape',
  },
  understudy_http_request_duration_seconds: {
    type: 'histogram',
    labels: { route: 'routes', method: httpMethods, status: statusClasses },
    help: 'Duration of requests by the pattern of their route, until the response was sent',
    since: 'process',
    buckets: requestBuckets,
  },
  understudy_budget_used_ratio_max: {
    type: 'gauge',
    labels: {},
    help: 'The highest share of a monthly budget that is spent or reserved; 0 without budgets',
    since: 'month',
  },
  understudy_budgets_above_80_percent: {
    type: 'gauge',
    labels: {},
    help: 'Monthly budgets of which at least 80 percent is spent or reserved',
    since: 'month',
  },
  understudy_storage_free_bytes: {
    type: 'gauge',
    labels: { directory: storageDirectories },
    help: 'Free space of the file system that has the database, and of the one that has the media',
    since: 'scrape',
  },
  understudy_database_size_bytes: {
    type: 'gauge',
    labels: {},
    help: 'Size of the database file and its write-ahead log',
    since: 'scrape',
  },
} as const satisfies Record<string, Metric>
