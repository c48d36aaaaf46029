import { failureCodes, generationErrorCodes } from '../generation/failure.ts'
import { finalStatuses, openStatuses } from '../generation/history.ts'
import { deliveryStates } from '../webhooks/delivery.ts'
import type { Metric } from './metric.ts'

/** A video takes from half a minute to an hour. */
const renderBuckets = [15, 30, 60, 90, 120, 180, 300, 600, 1200, 1800, 3600]
/** Pauses of retries go up to an hour. */
const deliveryBuckets = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400]

/** Of generations and their webhooks, from the records that are stored with them. */
export const generationMetrics = {
  understudy_generations_accepted_total: {
    type: 'counter',
    labels: {},
    help: 'Generations that were accepted and stored',
    since: 'process',
  },
  understudy_generations_ended_total: {
    type: 'counter',
    labels: { outcome: finalStatuses },
    help: 'Generations that ended, by outcome; a late video changes nothing here, and one that is resubmitted ends again',
    since: 'process',
  },
  understudy_generations_failed_total: {
    type: 'counter',
    labels: { code: generationErrorCodes },
    help: 'Generations that failed, by error code; cancelled ones are not among them',
    since: 'process',
  },
  understudy_generations_open: {
    type: 'gauge',
    labels: { state: openStatuses },
    help: 'Generations that have not ended, by status',
    since: 'scrape',
  },
  understudy_generations_oldest_age_seconds: {
    type: 'gauge',
    labels: { state: openStatuses },
    help: 'Age of the oldest generation of this status, from when it was accepted; 0 if there is none',
    since: 'scrape',
  },
  understudy_render_duration_seconds: {
    type: 'histogram',
    labels: { upstream: 'upstreams' },
    help: 'Time from when an upstream accepted a job until a poll saw it completed',
    since: 'process',
    buckets: renderBuckets,
  },
  understudy_fallbacks_total: {
    type: 'counter',
    labels: { reason: failureCodes },
    help: 'Attempts at another upstream than the one before, by the failure code of the attempt before',
    since: 'process',
  },
  understudy_attempts_unknown: {
    type: 'gauge',
    labels: { upstream: 'upstreams' },
    help: 'Attempts of which it is unknown whether the upstream accepted the job, also after their generation has ended',
    since: 'scrape',
  },
  understudy_attempts_unknown_oldest_age_seconds: {
    type: 'gauge',
    labels: {},
    help: 'Age of the oldest unknown attempt, from its start; 0 if there is none',
    since: 'scrape',
  },
  understudy_late_videos_total: {
    type: 'counter',
    labels: { upstream: 'upstreams' },
    help: 'Videos that arrived after their generation had failed',
    since: 'process',
  },
  understudy_webhook_lag_seconds: {
    type: 'histogram',
    labels: {},
    help: 'Time from an event until its webhook was delivered, retries included',
    since: 'process',
    buckets: deliveryBuckets,
  },
  understudy_webhook_deliveries_total: {
    type: 'counter',
    labels: { outcome: deliveryStates },
    help: 'Tries to deliver a webhook, by what became of the delivery; pending ones are tried again',
    since: 'process',
  },
  understudy_webhook_deliveries_pending: {
    type: 'gauge',
    labels: {},
    help: 'Webhooks that are not delivered yet',
    since: 'scrape',
  },
} as const satisfies Record<string, Metric>
