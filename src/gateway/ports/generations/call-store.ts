import type { CallName } from '../../domain/accounts/audit.ts'

/** A call that is made once: who made it under which key, what it said, and the id of what it makes. */
export interface OnceOnlyCall extends CallName {
  requestHash: string
  subject: string
  /** Ms since the epoch. */
  at: number
}

/** What calls with an idempotency key make. Every write is durable when its promise resolves. */
export interface CallStore {
  /**
   * Notes the call unless one under the same key is there since `since`: then answers that one. `made` tells that its work is
   * stored, whatever became of it since; the stores note that with the audit entry of the work.
   */
  reserve(
    call: OnceOnlyCall,
    since: number,
  ): Promise<{ first: boolean; requestHash: string; subject: string; made: boolean }>
  /** Forgets at most `limit` calls older than this instant. */
  prune(before: number, limit: number): Promise<void>
}
