import type { AuditAction, AuditEntry } from '../../domain/accounts/audit.ts'
import type { AuditId } from '../../domain/ids.ts'

export interface AuditQuery {
  tenant: string | null
  key: string | null
  action: AuditAction | null
  subject: string | null
  /** From `from` on and before `to`, in ms since the epoch. */
  from: number | null
  to: number | null
  /** Only those older than this id. */
  before: AuditId | null
  limit: number
}

/** The append-only log of what was done. The stores write most entries themselves, in the transaction of the change. */
export interface AuditLog {
  append(entry: AuditEntry): Promise<void>
  /** Newest first. */
  list(query: AuditQuery): Promise<AuditEntry[]>
}
