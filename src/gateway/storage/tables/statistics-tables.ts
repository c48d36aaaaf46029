/** How many attempts took so long for a part of their life (rounded, in ms), by the hour (from 1970, UTC) of its end. */
export interface AttemptTimesTable {
  upstream: string
  hour: number
  phase: string
  ms: number
  attempts: number
}

/** How often a breaker opened in one hour (counted from 1970, UTC). */
export interface BreakerOpeningsTable {
  upstream: string
  hour: number
  operation: string
  openings: number
}
