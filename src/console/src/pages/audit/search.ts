import { oneOf, textIn } from '../../api/search.ts'
import { auditActions } from '../../rules/audit-filter.ts'
import type { AuditFilter } from '../../rules/audit-filter.ts'
import { isDay } from '../../rules/usage-span.ts'

/** The search parameters of the screen. */
export function parseAuditSearch(search: Record<string, unknown>): AuditFilter {
  const [from, to] = [textIn(search['from']), textIn(search['to'])]
  return {
    action: oneOf(auditActions, search['action']),
    key: textIn(search['key']),
    tenant: textIn(search['tenant']),
    subject: textIn(search['subject']),
    from: isDay(from) ? from : undefined,
    to: isDay(to) ? to : undefined,
  }
}
