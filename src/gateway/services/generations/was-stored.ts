import type { GenerationId } from '../../domain/ids.ts'
import type { AuditLog } from '../../ports/accounts/audit-log.ts'

/** The audit log keeps, from the transaction that stored a generation, that there was one; a deleted one is not bought again. */
export async function wasStored(audit: AuditLog, id: GenerationId): Promise<boolean> {
  const any = { tenant: null, key: null, from: null, to: null, before: null }
  const found = await audit.list({ ...any, action: 'generation.created', subject: id, limit: 1 })
  return found.length > 0
}
