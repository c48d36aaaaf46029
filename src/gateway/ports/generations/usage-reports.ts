import type { CharacterId } from '../../domain/ids.ts'
import type { UpstreamKind } from '../../domain/routing/upstream.ts'

/** The dimensions of a report. `character`: the set of characters that appear together; `day`, `hour`: of UTC. */
export const usageDimensions = [
  'tenant',
  'key',
  'upstream',
  'kind',
  'model',
  'character',
  'day',
  'hour',
] as const
export type UsageDimension = (typeof usageDimensions)[number]

export interface UsageQuery {
  /** Null for all tenants. */
  tenant: string | null
  /** Attempts that started at or after `from` and before `to` (ms since the epoch). */
  from: number
  to: number
  /** Only attempts of prompts with this character, alone or with others. */
  character?: CharacterId
  groupBy: readonly UsageDimension[]
  /** The maximum number of rows. */
  limit: number
}

/** Sums over attempts; money in micro-dollars. */
export interface UsageFigures {
  attempts: number
  /** Distinct generations among these attempts. A generation with several attempts can be counted in several rows. */
  generations: number
  /** Attempts whose video the caller received. */
  videos: number
  /** The cost of settled attempts. */
  costMicros: number
  /** The reserved cost of attempts that are not settled. */
  reservedMicros: number
  /**
   * The part of `reservedMicros` for attempts without a verdict: outcome unknown, abandoned, or gone after a cancel. It
   * may never be charged.
   */
  unknownMicros: number
  /** The part of the cost paid for ended attempts that gave the caller no video. */
  unusedMicros: number
  /** The part of the cost above the price of the cheapest candidate in each plan. */
  premiumMicros: number
  /** What the delivered videos would have cost with official upstreams only. */
  officialMicros: number
  /**
   * The number of settled attempts with a vendor-reported cost, the sum of those costs, and the part of `costMicros`
   * for the same attempts.
   */
  vendorAttempts: number
  vendorMicros: number
  vendorComputedMicros: number
}

/** Null in every dimension that the report is not grouped by. */
export interface UsageGroup {
  tenant: string | null
  key: string | null
  upstream: string | null
  kind: UpstreamKind | null
  model: string | null
  /** Sorted by id, with their names at the time; empty for prompts without characters. */
  characters: Array<{ id: CharacterId; name: string }> | null
  /** The start of the day, in ms since the epoch. */
  day: number | null
  /** The start of the hour, in ms since the epoch. */
  hour: number | null
}

export type UsageRow = UsageGroup & UsageFigures

/** Rows are sorted by group. `totals` covers the same attempts, at the same moment. */
export interface UsageSums {
  rows: UsageRow[]
  totals: UsageFigures
}
