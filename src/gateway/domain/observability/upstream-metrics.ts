import { exchangeOperations } from '../attempts/exchange.ts'
import { operations } from '../routing/upstream.ts'
import { callOutcomes, endsWith } from './call-outcomes.ts'
import type { Metric } from './metric.ts'

const outcomes = [...new Set(Object.values(callOutcomes).flat())]

const callBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]
const lagBuckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300]

/** Of upstreams, and of the money that they cost. */
export const upstreamMetrics = {
  understudy_upstream_calls_total: {
    type: 'counter',
    labels: { upstream: 'upstreams', operation: exchangeOperations, outcome: outcomes },
    combines: endsWith,
    help: 'Calls of an upstream by operation and outcome, with those that an open breaker did not let leave',
    since: 'process',
  },
  understudy_upstream_call_duration_seconds: {
    type: 'histogram',
    labels: { upstream: 'upstreams', operation: exchangeOperations },
    help: 'Duration of calls; a fetch ends here when the first bytes of the file can be read',
    since: 'process',
    buckets: callBuckets,
  },
  understudy_poll_lag_seconds: {
    type: 'histogram',
    labels: {},
    help: 'Time from when a poll was due until a worker took it up; waiting for the poll rate of an upstream is not lag',
    since: 'process',
    buckets: lagBuckets,
  },
  understudy_breaker_state: {
    type: 'gauge',
    labels: { upstream: 'upstreams', operation: operations },
    help: 'Circuit breaker: 0 closed, 1 half-open, 2 open',
    since: 'scrape',
  },
  understudy_upstream_account_trouble: {
    type: 'gauge',
    labels: { upstream: 'upstreams' },
    help: '1 while the upstream turns its account away (key refused, out of credit, blocked), as of the last create',
    since: 'process',
  },
  understudy_submissions_paused: {
    type: 'gauge',
    labels: { upstream: 'upstreams' },
    help: '1 while submissions to the upstream are paused; a pause everywhere sets all',
    since: 'scrape',
  },
  understudy_settled_cost_usd_total: {
    type: 'counter',
    labels: { upstream: 'upstreams' },
    help: 'Cost of attempts that have ended and are settled, in US dollars',
    since: 'process',
  },
  understudy_paid_without_video_usd_total: {
    type: 'counter',
    labels: { upstream: 'upstreams' },
    help: 'The part of the settled cost that no caller got a video for, in US dollars',
    since: 'process',
  },
  understudy_reserved_cost_usd: {
    type: 'gauge',
    labels: {},
    help: 'What attempts may still be charged, in US dollars',
    since: 'scrape',
  },
  understudy_bill_difference_usd: {
    type: 'gauge',
    labels: { upstream: 'upstreams' },
    help: 'What the upstream reported for attempts of this month, less their price by the price list, in US dollars',
    since: 'month',
  },
} as const satisfies Record<string, Metric>
