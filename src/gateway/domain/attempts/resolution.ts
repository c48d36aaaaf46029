import type { AuditId } from '../ids.ts'

/** What became of an attempt with an unknown outcome. */
export const outcomeVerdicts = ['taken', 'not_taken'] as const
/** Whether the upstream's bill has an attempt that ended without a video. */
export const chargeVerdicts = ['charged', 'not_charged'] as const
export const resolutionVerdicts = [...outcomeVerdicts, ...chargeVerdicts] as const
export type OutcomeVerdict = (typeof outcomeVerdicts)[number]
export type ChargeVerdict = (typeof chargeVerdicts)[number]
export type ResolutionVerdict = OutcomeVerdict | ChargeVerdict

/** How an operator resolved an attempt whose outcome was unknown, or that was paid without a video. */
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
