/** Where the values of a label come from. A list is closed; the others are bounded by the configuration or the code. */
export type LabelValues = readonly string[] | 'upstreams' | 'routes' | 'version'

/**
 * Since when a figure counts. `process`: from the start of the process. `scrape`: it is what holds when it is read. `month`: it
 * is the sum of the calendar month in UTC, when it is read.
 */
export type CountedSince = 'process' | 'scrape' | 'month'

export const metricTypes = ['counter', 'gauge', 'histogram'] as const
export type MetricType = (typeof metricTypes)[number]

/** A metric: what it is called, what it says and what its labels can be. The unit is the end of its name. */
export interface Metric {
  type: MetricType
  labels: Readonly<Record<string, LabelValues>>
  /** One sentence without a full stop, as Prometheus shows it. */
  help: string
  since: CountedSince
  /** Whether these values of its labels occur together. Absent: all do. */
  combines?: (labels: Readonly<Record<string, string>>) => boolean
  /** Upper bounds of a histogram, ascending. */
  buckets?: readonly number[]
}

/** Stands for every value that a label does not list: no text of a vendor and no upstream of before becomes a series. */
export const otherValue = 'other'
