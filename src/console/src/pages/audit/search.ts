import { oneOf, textIn } from '../../api/search.ts'
import { auditActions } from '../../rules/audit-filter.ts'
import type { AuditAction } from '../../rules/audit-filter.ts'
import { isDay } from '../../rules/usage-span.ts'

/** The search parameters of the screen. */
export interface AuditSearch {
  action?: AuditAction | undefined
  /** The name of the key that acted. */
  key?: string | undefined
  tenant?: string | undefined
  /** The ID of what it was done to. */
  subject?: string | undefined
  /** The first and the last day, as `2026-11-22`, in UTC. */
  from?: string | undefined
  to?: string | undefined
}

export function parseAuditSearch(search: Record<string, unknown>): AuditSearch {
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
