import type { AuditAction, AuditEntry } from '../../domain/accounts/audit.ts'
import type { AuditId } from '../../domain/ids.ts'

export interface AuditQuery {
  tenant: string | null
  key: string | null
  action: AuditAction | null
  subject: string | null
  /** At or after, and before, in ms since the epoch. */
  from: number | null
  to: number | null
  /** Only those older than this id. */
  before: AuditId | null
  limit: number
}

/** What was done, for good. Most entries are written by the stores, in the transaction of what they tell of. */
export interface AuditLog {
  append(entry: AuditEntry): Promise<void>
  /** Newest first. */
  list(query: AuditQuery): Promise<AuditEntry[]>
}
