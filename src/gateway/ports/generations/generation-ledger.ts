import type { MonthlyBudget } from '../../domain/accounts/budget.ts'
import type { DaySpend } from '../../domain/steering/spend-cap.ts'
import type { AttemptId, GenerationId } from '../../domain/ids.ts'
import type { UsageQuery, UsageSums } from './usage-reports.ts'

/**
 * An attempt that holds a slot of its upstream: binding, submitting, running, or unknown while its generation waits for
 * it.
 */
export interface LiveAttempt {
  id: AttemptId
  upstream: string
}

/** An attempt and its generation; the latter is null once it was removed. */
export interface AttemptPlace {
  attemptId: AttemptId
  generationId: GenerationId | null
}

/**
 * The last 500 finished attempts of one upstream within a recent window, without failures that the upstream did not
 * cause.
 */
export interface AttemptStatistics {
  upstream: string
  succeeded: number
  failed: number
  /** The failed attempts without a known reason. */
  unexplained: number
  /** Median milliseconds from accepted to ended of the succeeded attempts; null if there are none. */
  latencyMs: number | null
}

/** The costs and jobs of attempts, and what keys have spent. Instants are ms since the epoch. */
export interface GenerationLedger {
  liveAttempts(): Promise<LiveAttempt[]>
  /** How many attempts take up a slot of each upstream at an instant (ms since the epoch). */
  slotsTaken(at: number): Promise<Map<string, number>>
  statistics(since: number): Promise<AttemptStatistics[]>
  /** Whether one of our attempts already owns this job of an upstream. */
  ownsJob(upstream: string, upstreamId: string): Promise<boolean>
  /** Our attempts that own one of these jobs of an upstream. */
  ownersOf(upstream: string, upstreamIds: string[]): Promise<AttemptPlace[]>
  /** Where an attempt is; null if it never existed. */
  placeOf(id: AttemptId): Promise<AttemptPlace | null>
  /**
   * Attempts started at or after `since` with an unknown create outcome, or resolved by an operator as not accepted;
   * newest first.
   */
  unknownAttempts(upstream: string, since: number, limit: number): Promise<AttemptPlace[]>
  /** How many creates at an upstream have no known response: submitting or unknown. Counts up to `limit`. */
  unansweredCreates(upstream: string, limit: number): Promise<number>
  /** What a key has spent and reserved since the start of a month, plus what its unfinished work may still cost. */
  committedMicros(tenant: string, key: string, monthStart: number): Promise<number>
  /** The budget of a tenant and the same of all its keys; null if the tenant has no budget. */
  tenantBudget(tenant: string, monthStart: number): Promise<MonthlyBudget | null>
  /** What each upstream spent on the day that begins at this instant; those without attempts are absent. */
  spendOf(dayStart: number): Promise<Map<string, DaySpend>>
  /** Sums over attempts, including those of removed generations. */
  usage(query: UsageQuery): Promise<UsageSums>
  /**
   * Adds the next batch of attempts from an earlier release to the running totals; returns how many rows were counted.
   * Until it returns 0, budgets and reports are computed from the attempts themselves.
   */
  countLedger(): Promise<number>
}
