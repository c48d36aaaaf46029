/** The unfinished generations of a key, and what they may cost beyond their attempts. */
export interface KeyOpenTable {
  tenant: string
  key: string
  generations: number
  micros: number
}

/** What the attempts that a key started in a month (its beginning, UTC) cost, or may cost while that is not settled. */
export interface KeyMonthsTable {
  tenant: string
  key: string
  month: number
  micros: number
}

/** Sums of the attempts of one day (counted from 1970, UTC) that are alike in everything that a report is split by. */
export interface UsageDaysTable {
  day: number
  tenant: string
  key: string
  upstream: string
  kind: string
  model: string
  characters: string
  attempts: number
  videos: number
  cost_micros: number
  reserved_micros: number
  unknown_micros: number
  unused_micros: number
  premium_micros: number
  official_micros: number
  /** Settled attempts of which the vendor itself said a cost, what it said, and what they cost by our reckoning. */
  vendor_attempts: number
  vendor_micros: number
  vendor_computed_micros: number
}

/** How many generations had attempts on exactly these days and upstreams. */
export interface UsagePathsTable {
  path: string
  tenant: string
  key: string
  model: string
  characters: string
  generations: number
}

export interface UsagePathPartsTable {
  day: number
  path: string
  upstream: string
  kind: string
}

/** One row once the totals were found to be those of the attempts. */
export interface TotalsCheckTable {
  name: string
}

/** How many generations of a key are in a status, with attempts in exactly these states: sorted, with commas between them. */
export interface GenerationCountsTable {
  tenant: string
  key: string
  status: string
  attempt_states: string
  generations: number
}
