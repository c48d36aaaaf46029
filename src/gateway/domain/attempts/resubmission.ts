import type { AuditId } from '../ids.ts'

/** Somebody had the request sent to another upstream although this attempt may still be charged. Instants are ms since the epoch. */
export interface Resubmission {
  /** Of the audit entry that tells of it. */
  id: AuditId
  /** The name of the key. */
  by: string
  at: number
}
