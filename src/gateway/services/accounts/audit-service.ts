import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { AuditLog, AuditQuery } from '../../ports/accounts/audit-log.ts'
import type { AuditService } from './audit.ts'

const entriesPerRead = 500

export function createAuditService(audit: AuditLog): AuditService {
  return {
    async list(query) {
      const found = await audit.list({ ...query, limit: query.limit + 1 })
      return { data: found.slice(0, query.limit), hasMore: found.length > query.limit }
    },
    async *all(query) {
      let before: AuditQuery['before'] = null
      for (;;) {
        const entries: AuditEntry[] = await audit.list({ ...query, before, limit: entriesPerRead })
        yield* entries
        if (entries.length < entriesPerRead) return
        before = entries.at(-1)?.id ?? null
      }
    },
  }
}
