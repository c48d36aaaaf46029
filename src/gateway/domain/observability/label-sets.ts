import type { Metric } from './metric.ts'
import { otherValue } from './metric.ts'

export type Labels = Readonly<Record<string, string>>

/**
 * Every combination of the labels of a metric for these upstreams: one without labels has one. None for a metric whose labels are
 * known only when they occur. `withOther`: also those of values that are not listed.
 */
export function labelSetsOf(
  { labels, combines = () => true }: Metric,
  upstreams: readonly string[],
  withOther = false,
): Labels[] {
  let sets: Labels[] = [{}]
  for (const [label, values] of Object.entries(labels)) {
    if (values === 'routes' || values === 'version') return []
    const listed = values === 'upstreams' ? upstreams : withOther ? [...values, otherValue] : values
    sets = sets.flatMap((set) => listed.map((value) => ({ ...set, [label]: value })))
  }
  return withOther ? sets : sets.filter(combines)
}
