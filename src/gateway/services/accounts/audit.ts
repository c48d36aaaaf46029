import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { AuditQuery } from '../../ports/accounts/audit-log.ts'

/** The audit log, for administrators. */
export interface AuditService {
  /** Newest first. */
  list(query: AuditQuery): Promise<{ data: AuditEntry[]; hasMore: boolean }>
  /** Every matching entry, newest first, read in pieces as they are wanted. */
  all(query: Omit<AuditQuery, 'before' | 'limit'>): AsyncIterable<AuditEntry>
}
