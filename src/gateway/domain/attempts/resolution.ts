import type { AuditId } from '../ids.ts'

export const resolutionVerdicts = ['taken', 'not_taken'] as const
export type ResolutionVerdict = (typeof resolutionVerdicts)[number]

/** What a person said became of an attempt whose outcome was unknown. */
export interface Resolution {
  /** Of the audit entry that tells of it. */
  id: AuditId
  verdict: ResolutionVerdict
  /** The name of the key. */
  by: string
  at: number
  note: string
  /** The job that turned up at the upstream although it was said not to have been taken. */
  contradiction: { upstreamId: string; at: number } | null
}
