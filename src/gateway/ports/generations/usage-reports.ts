import type { CharacterId } from '../../domain/ids.ts'
import type { UpstreamKind } from '../../domain/routing/upstream.ts'

/** By what a report is split. `character`: by the characters that appear together; `day`: by UTC day. */
export const usageDimensions = ['tenant', 'key', 'upstream', 'kind', 'model', 'character', 'day'] as const
export type UsageDimension = (typeof usageDimensions)[number]

export interface UsageQuery {
  /** Null: every tenant. */
  tenant: string | null
  /** Attempts that started at or after `from` and before `to` (ms since the epoch). */
  from: number
  to: number
  groupBy: readonly UsageDimension[]
  /** Rows at most. */
  limit: number
}

/** Sums over attempts; money in micro-dollars. */
export interface UsageFigures {
  attempts: number
  /** Different generations among these attempts, so that rows of one report may count one generation each. */
  generations: number
  /** Attempts whose video is the one that the caller got. */
  videos: number
  /** What settled attempts cost. */
  costMicros: number
  /** What attempts that are not settled may cost. */
  reservedMicros: number
  /** The part of it without a verdict: outcome unknown, abandoned, or gone after a cancel. It may never come. */
  unknownMicros: number
  /** The part of the cost that was paid to attempts which have ended without giving the caller a video. */
  unusedMicros: number
  /** The part of the cost above what the cheapest candidate of each plan would have charged. */
  premiumMicros: number
  /** What the delivered videos would have cost with official upstreams alone. */
  officialMicros: number
  /** Settled attempts of which the vendor itself said what they cost; what it said; and what they are in `costMicros`. */
  vendorAttempts: number
  vendorMicros: number
  vendorComputedMicros: number
}

/** Null in every dimension that the report is not split by. */
export interface UsageGroup {
  tenant: string | null
  key: string | null
  upstream: string | null
  kind: UpstreamKind | null
  model: string | null
  /** By id, with the names they had; empty for prompts without characters. */
  characters: Array<{ id: CharacterId; name: string }> | null
  /** The beginning of the day, in ms since the epoch. */
  day: number | null
}

export type UsageRow = UsageGroup & UsageFigures

/** Rows in the order of their groups; `totals` is of the same attempts at the same moment. */
export interface UsageSums {
  rows: UsageRow[]
  totals: UsageFigures
}
