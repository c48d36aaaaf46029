import type { Labels } from '../domain/observability/label-sets.ts'
import type { MetricOf, Sample } from '../domain/observability/metric-catalogue.ts'

/**
 * The figures of this process. Values of labels that the catalogue does not list, and upstreams that are not configured, become
 * `other`. Only `page` may fail.
 */
export interface Metrics {
  /** Raises a counter, adds to a histogram, or sets a gauge. */
  record(sample: Sample): void
  /** Sets all values of a gauge; those whose labels become the same are added up. Null: they are not known, and none is shown. */
  replace(name: MetricOf<'gauge'>, values: ReadonlyArray<{ labels: Labels; value: number }> | null): void
  /** From now on these upstreams are configured. The series of others end. */
  follow(upstreams: readonly string[]): void
  /** All figures in the text format of Prometheus. */
  page(): Promise<{ contentType: string; text: string }>
}
