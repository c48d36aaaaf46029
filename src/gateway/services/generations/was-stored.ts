import type { GenerationId } from '../../domain/ids.ts'
import type { AuditLog } from '../../ports/accounts/audit-log.ts'

/** The audit log records each stored generation in the same transaction, so that a deleted one is not bought again. */
export async function wasStored(audit: AuditLog, id: GenerationId): Promise<boolean> {
  const any = { tenant: null, key: null, from: null, to: null, before: null }
  const found = await audit.list({ ...any, action: 'generation.created', subject: id, limit: 1 })
  return found.length > 0
}
