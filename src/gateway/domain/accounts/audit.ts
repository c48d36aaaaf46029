import type { AuditId, KeyId } from '../ids.ts'
import type { Json } from '../json.ts'

export const auditActions = [
  'generation.created',
  'generation.cancelled',
  'generation.resubmitted',
  'generations.cancelled',
  'generation.deleted',
  'generation.viewed',
  'generations.listed',
  'figures.viewed',
  'character.created',
  'character.updated',
  'character.stills_replaced',
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
  'key.updated',
  'key.rotated',
  'key.revoked',
  'session.created',
  'session.ended',
  'tenant.updated',
  'budget.at_80_percent',
  'budget.exhausted',
  'authentication.failing',
  'configuration.reloaded',
  'audit.entries_removed',
  'operations.released',
  'operations.paused',
  'operations.resumed',
  'upstream.paused',
  'upstream.resumed',
  'upstream.breaker_reset',
  'upstream.probed',
] as const
export type AuditAction = (typeof auditActions)[number]

/**
 * Who did what, with which key, from where. Entries never change and are removed only by a configured retention. `data`
 * never holds prompts or secrets. `key` and `keyId` are null for actions without a key, `tenant` if no tenant is affected,
 * `address` and `requestId` if no request was involved.
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
  /** Entries with the same text are stored only once. Null disables this. */
  once: string | null
  /**
   * The idempotent request that caused the entry. It is marked as done in the same transaction and is not part of the log.
   */
  call?: CallName | undefined
}

/** Identifies an idempotent request. */
export interface CallName {
  tenant: string
  /** A hash of the caller's idempotency key, because some responses are derived from the key itself. */
  keyHash: string
}
