import type { Operation } from '../../domain/routing/upstream.ts'
import type { StatisticsParts } from '../../domain/statistics/statistics.ts'
import type { StepSpan } from '../../domain/statistics/steps.ts'

/** What happened at upstreams, over time. Instants are ms since the epoch. */
export interface StatisticsStore {
  /** Counts of some upstreams together, all of one moment; null if they never had an attempt. May take seconds for many attempts. */
  read(upstreams: readonly string[], span: StepSpan): Promise<StatisticsParts | null>
  /** How many generations were accepted in each step, without those that were removed since. Steps without any are missing. */
  accepted(span: StepSpan): Promise<Array<{ step: number; n: number }>>
  /** Notes that a closed breaker opened. */
  countOpening(upstream: string, operation: Operation, at: number): Promise<void>
  /** Removes up to `limit` counts of before an instant that are kept beside the attempts; returns how many. */
  prune(before: number, limit: number): Promise<number>
}
