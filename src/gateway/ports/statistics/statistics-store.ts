import type { Operation } from '../../domain/routing/upstream.ts'
import type { StatisticsParts } from '../../domain/statistics/statistics.ts'
import type { StepSpan } from '../../domain/statistics/steps.ts'

/** What happened at upstreams, over time. Instants are ms since the epoch. */
export interface StatisticsStore {
  /** Counts of one upstream, all of one moment; null if it never had an attempt. May take seconds for many attempts. */
  read(upstream: string, span: StepSpan): Promise<StatisticsParts | null>
  /** Notes that a closed breaker opened. */
  countOpening(upstream: string, operation: Operation, at: number): Promise<void>
  /** Removes up to `limit` counts of before an instant that are kept beside the attempts; returns how many. */
  prune(before: number, limit: number): Promise<number>
}
