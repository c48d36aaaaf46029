import type { AttemptId, GenerationId } from '../../domain/ids.ts'
import type { UsageQuery, UsageSums } from './usage-reports.ts'

/** An attempt that takes a slot of its upstream: binding, submitting or running, or unknown while its generation waits for it. */
export interface LiveAttempt {
  id: AttemptId
  upstream: string
}

/** Where an attempt is found. Its generation is null once that was removed. */
export interface AttemptPlace {
  attemptId: AttemptId
  generationId: GenerationId | null
}

/** The last 500 finished attempts of one upstream in a recent window, without those whose failure says nothing about it. */
export interface AttemptStatistics {
  upstream: string
  succeeded: number
  failed: number
  /** Of the failed, those for no reason that is known. */
  unexplained: number
  /** Median milliseconds from accepted to ended over the succeeded ones; null when none. */
  latencyMs: number | null
}

/** What attempts came to, whose jobs they own, and what is spent. Instants are ms since the epoch. */
export interface GenerationLedger {
  liveAttempts(): Promise<LiveAttempt[]>
  statistics(since: number): Promise<AttemptStatistics[]>
  /** Whether an attempt of ours already owns this job of an upstream. */
  ownsJob(upstream: string, upstreamId: string): Promise<boolean>
  /** The attempts of ours that own one of these jobs of an upstream. */
  ownersOf(upstream: string, upstreamIds: string[]): Promise<AttemptPlace[]>
  /** Where an attempt is; null where there never was one. */
  placeOf(id: AttemptId): Promise<AttemptPlace | null>
  /**
   * Attempts started at or after `since` of which it is unknown whether the upstream took them, or of which a person said that
   * it did not; newest first.
   */
  unknownAttempts(upstream: string, since: number, limit: number): Promise<AttemptPlace[]>
  /** How many creates at an upstream have no answer yet, or lost it: submitting or unknown. Counts up to `limit`. */
  unansweredCreates(upstream: string, limit: number): Promise<number>
  /** What a key has spent, reserved, and may still come to spend on what is unfinished, since the start of a month. */
  committedMicros(tenant: string, key: string, monthStart: number): Promise<number>
  /** What attempts came to, those of removed generations included. */
  usage(query: UsageQuery): Promise<UsageSums>
  /**
   * Brings the running totals of a file from an earlier release up to its attempts, a batch at a time; how many rows were
   * counted. Until 0 comes back, budgets and reports are made from the attempts themselves.
   */
  countLedger(): Promise<number>
}
