/** How often a breaker opened in one hour (counted from 1970, UTC). */
export interface BreakerOpeningsTable {
  upstream: string
  hour: number
  operation: string
  openings: number
}
