import * as z from 'zod'
import { callerSamplings } from '../settings.ts'
import type { Config } from '../settings.ts'
import { collectorHeaderName, count, distinct, headerValue, httpUrl, name, seconds } from './fields.ts'

/** Absent: no traces. */
export const tracesSchema = z
  .strictObject({
    endpoint: httpUrl,
    headers: z.record(collectorHeaderName, headerValue).default({}),
    service_name: name.default('understudy'),
    sample_ratio: z.number().min(0).max(1).default(1),
    caller_sampling: z.enum(callerSamplings).default('honor'),
    // A process that is stopped ends within 20 seconds.
    timeout_seconds: seconds.max(60).default(10),
    max_queued_spans: count.max(65_536).default(2048),
    propagate_to_webhooks: z.boolean().default(true),
    propagate_to_upstreams: z.array(name).superRefine(distinct).default([]),
  })
  .optional()

export function tracesOf(file: z.output<typeof tracesSchema>): Config['traces'] {
  if (file === undefined) return null
  return {
    // As OTLP over HTTP defines it: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request
    url: `${file.endpoint}/v1/traces`,
    serviceName: file.service_name,
    sampleRatio: file.sample_ratio,
    callerSampling: file.caller_sampling,
    timeoutMs: Math.round(file.timeout_seconds * 1000),
    mostQueued: file.max_queued_spans,
    toWebhooks: file.propagate_to_webhooks,
    toUpstreams: file.propagate_to_upstreams,
  }
}
