import { gatewayMetrics } from './gateway-metrics.ts'
import { generationMetrics } from './generation-metrics.ts'
import type { MetricType } from './metric.ts'
import { upstreamMetrics } from './upstream-metrics.ts'

/**
 * Every metric of the gateway by its name. Names and labels are what dashboards and alerts are written against: they are not
 * renamed. No label has a tenant, a key, a model or text from outside.
 */
export const metrics = { ...generationMetrics, ...upstreamMetrics, ...gatewayMetrics } as const

export type MetricName = keyof typeof metrics

/** The metrics of one type. */
export type MetricOf<Type extends MetricType> = {
  [Name in MetricName]: (typeof metrics)[Name]['type'] extends Type ? Name : never
}[MetricName]

/** The labels of a metric, each with a value. */
export type LabelsOf<Name extends MetricName> = Record<
  Extract<keyof (typeof metrics)[Name]['labels'], string>,
  string
>

/** A figure for a metric: what a counter is raised by, what a histogram takes in, what a gauge is set to. */
export type Sample<Name extends MetricName = MetricName> = {
  [Each in Name]: { name: Each; labels: LabelsOf<Each>; value: number }
}[Name]
