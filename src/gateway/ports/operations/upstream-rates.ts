import type { CallRate, RatedCall } from '../../domain/scheduling/call-rate.ts'

/**
 * How often upstreams may be called, by all processes over one database together. Admission follows `admit` in
 * `domain/scheduling/poll-pacing.ts`, by the clock that is the same for all of them: of the process itself where it owns its
 * database, and of the database server else.
 */
export interface UpstreamRates {
  /**
   * Null when a call may leave now and is counted; else when to ask again (ms since the epoch, by the clock of this process).
   * Rejects with a StorageError; then nothing may leave.
   */
  admit(upstream: string, call: RatedCall, rate: CallRate): Promise<number | null>
}
