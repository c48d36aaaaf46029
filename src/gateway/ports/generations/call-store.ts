import type { CallName } from '../../domain/accounts/audit.ts'

/** A call that takes effect once: its key, its request, and the id of the object that it creates. */
export interface OnceOnlyCall extends CallName {
  requestHash: string
  subject: string
  /** Ms since the epoch. */
  at: number
}

/** The objects created by calls with an idempotency key. Every write is durable when its promise resolves. */
export interface CallStore {
  /**
   * Stores the call, unless there is one with the same key since `since`; then that one is returned. `made` is true
   * once its result was stored, even if it was deleted later; the stores set it together with the audit entry.
   */
  reserve(
    call: OnceOnlyCall,
    since: number,
  ): Promise<{ first: boolean; requestHash: string; subject: string; made: boolean }>
  /** Deletes at most `limit` calls older than this instant; how many. */
  prune(before: number, limit: number): Promise<number>
}
