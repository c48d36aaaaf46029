/** A call that is made once: who made it under which key, what it said, and the id of what it makes. */
export interface OnceOnlyCall {
  tenant: string
  /** A hash of the caller's idempotency key: some answers follow from the key itself. */
  keyHash: string
  requestHash: string
  subject: string
  /** Ms since the epoch. */
  at: number
}

/** What calls with an idempotency key make. Every write is durable when its promise resolves. */
export interface CallStore {
  /** Notes the call unless one under the same key is there since `since`: then answers that one. */
  reserve(
    call: OnceOnlyCall,
    since: number,
  ): Promise<{ first: boolean; requestHash: string; subject: string }>
  /** Forgets at most `limit` calls older than this instant. */
  prune(before: number, limit: number): Promise<void>
}
