import type { AuditId } from '../ids.ts'

export const resolutionVerdicts = ['taken', 'not_taken'] as const
export type ResolutionVerdict = (typeof resolutionVerdicts)[number]

/** How an operator resolved an attempt whose outcome was unknown. */
export interface Resolution {
  /** Of the audit entry that tells of it. */
  id: AuditId
  verdict: ResolutionVerdict
  /** The name of the key. */
  by: string
  at: number
  note: string
  /**
   * A job that turned up at the upstream although the attempt was resolved as not taken. `wasCharged`: its cost, as reported by the
   * operator, was settled before. Absent: there was none.
   */
  contradiction: { upstreamId: string; at: number; wasCharged?: boolean | undefined } | null
}
