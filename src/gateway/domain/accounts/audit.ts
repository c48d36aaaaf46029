import type { AuditId, KeyId } from '../ids.ts'
import type { Json } from '../json.ts'

export const auditActions = [
  'generation.created',
  'generation.cancelled',
  'generation.deleted',
  'character.created',
  'character.updated',
  'character.deleted',
  'character.bind_asked',
  'comparison.created',
  'comparison.scored',
  'comparison.deleted',
  'comparison.links_ended',
  'series.created',
  'series.cancelled',
  'series.retried',
  'series.deleted',
  'webhook_secret.created',
  'webhook_secret.deleted',
  'delivery.redelivered',
  'attempt.looked_at',
  'attempt.resolved',
  'key.created',
  'key.rotated',
  'key.revoked',
  'budget.at_80_percent',
  'budget.exhausted',
  'authentication.failing',
  'configuration.reloaded',
  'audit.entries_removed',
  'operations.released',
] as const
export type AuditAction = (typeof auditActions)[number]

/**
 * Who did what, with which key, from where. Never changed, and removed only by a configured retention. `data` holds no prompt and no secret.
 * `key` and `keyId` are null where no key did it, `tenant` too where it is nobody's; `address` and `requestId` where it was
 * no call.
 */
export interface AuditEntry {
  id: AuditId
  at: number
  action: AuditAction
  tenant: string | null
  key: string | null
  keyId: KeyId | null
  address: string | null
  requestId: string | null
  /** The id of what it was done to. */
  subject: string | null
  data: { [key: string]: Json }
  /** Of entries with the same text only the first is kept; null is no such text. */
  once: string | null
  /** The call under an idempotency key that did it: noted as made in the same transaction, and not part of the log. */
  call?: CallName | undefined
}

/** Names a call that is made once. */
export interface CallName {
  tenant: string
  /** A hash of the caller's idempotency key: some answers follow from the key itself. */
  keyHash: string
}
