import type { AuditAction, AuditEntry } from '../domain/audit.ts'
import type { Client } from '../domain/client.ts'
import type { Json } from '../domain/json.ts'
import type { Clock, Ids } from '../ports/clock.ts'

/** What somebody is doing now, as the audit log tells it; `client` is null where the gateway itself does it. */
export function auditEntry(
  { ids, clock }: { ids: Ids; clock: Clock },
  client: Client | null,
  action: AuditAction,
  subject: string | null,
  data: { [key: string]: Json } = {},
): AuditEntry {
  return {
    id: ids.audit(),
    at: clock.now(),
    action,
    tenant: client?.tenant ?? null,
    key: client?.key ?? null,
    keyId: client?.keyId ?? null,
    address: client?.origin?.address ?? null,
    requestId: client?.origin?.requestId ?? null,
    subject,
    data,
    once: null,
  }
}
