import { sumOf } from '../../rules/day-series.ts'
import type { Series } from './day-chart.tsx'

/** A series of counts or amounts, whose figure of the day is their sum. */
export function counted(
  id: string,
  title: string,
  values: number[],
  tone: Series['tone'],
  format: Series['format'],
): Series {
  return { id, title, values, total: format(sumOf(values)), tone, format }
}
