import type { Client } from '../../domain/accounts/client.ts'
import type { StatisticsRow } from '../../domain/statistics/statistics.ts'
import type { StatisticsStep, StepSpan } from '../../domain/statistics/steps.ts'

/** As parsed at the border; null means "not said". Instants are ms since the epoch. */
export interface StatisticsQuestion {
  from: number | null
  to: number | null
  step: StatisticsStep
}

export interface UpstreamStatistics extends StepSpan {
  upstream: string
  /** Before this (ms since the epoch), attempts may have been removed; null if none ever is. */
  completeSince: number | null
  rows: StatisticsRow[]
}

/** Of all configured upstreams together, with how many generations were accepted in each step. */
export interface OverallStatistics extends Omit<UpstreamStatistics, 'upstream' | 'rows'> {
  rows: Array<StatisticsRow & { accepted: number }>
}

export interface StatisticsService {
  /**
   * What happened at an upstream, in whole steps of UTC. Throws `not_found` for one that is not configured and never had an
   * attempt, and `validation_failed` for a time that is none or has too many steps.
   */
  of(client: Client, upstream: string, question: StatisticsQuestion): Promise<UpstreamStatistics>
  /** The same of all configured upstreams together. Throws `validation_failed` as well. */
  overall(client: Client, question: StatisticsQuestion): Promise<OverallStatistics>
}
