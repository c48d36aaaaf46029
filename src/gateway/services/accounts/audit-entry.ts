import type { AuditAction, AuditEntry } from '../../domain/accounts/audit.ts'
import type { Client } from '../../domain/accounts/client.ts'
import type { Json } from '../../domain/json.ts'
import type { Clock, Ids } from '../../ports/clock.ts'

/** A caller with a link instead of a key is identified by the tenant of the link only. */
export type Actor = Pick<Client, 'tenant' | 'origin'> & Partial<Pick<Client, 'key' | 'keyId'>>

interface Act {
  /** Null where the gateway itself does it. */
  actor: Actor | null
  action: AuditAction
  /** The ID of what it is done to; null where it is done to nothing in particular. */
  subject: string | null
  data?: { [key: string]: Json }
}

/** What somebody is doing now, as the audit log tells it. */
export function auditEntry(
  { ids, clock }: { ids: Ids; clock: Clock },
  { actor, action, subject, data = {} }: Act,
): AuditEntry {
  return {
    id: ids.audit(),
    at: clock.now(),
    action,
    tenant: actor?.tenant ?? null,
    key: actor?.key ?? null,
    keyId: actor?.keyId ?? null,
    address: actor?.origin?.address ?? null,
    requestId: actor?.origin?.requestId ?? null,
    subject,
    data,
    once: null,
  }
}
