import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { EndedFacts } from '../../domain/generation/retention.ts'
import type { GenerationId } from '../../domain/ids.ts'

/** A generation with no work left, and what is stored of it. */
export interface EndedGeneration extends EndedFacts {
  id: GenerationId
  hasEvents: boolean
  hasDeliveries: boolean
}

/** The position of a pass over the ended generations. */
export type PassPlace = Pick<EndedGeneration, 'id' | 'createdAt'>

/** Removes records after their retention time. Every statement touches a bounded number of rows. */
export interface RetentionStore {
  /** Ended generations created before an instant and after the position `after`, oldest first. */
  endedBefore(instant: number, after: PassPlace | null, limit: number): Promise<EndedGeneration[]>
  /**
   * Removes an ended generation with its events and deliveries; its attempts stay in the ledger. Returns false, and
   * removes nothing, while an attempt is open or a delivery pending.
   */
  removeEnded(id: GenerationId): Promise<boolean>
  removeEvents(id: GenerationId): Promise<void>
  /** Removes the deliveries that are over. */
  removeDeliveries(id: GenerationId): Promise<void>
  /**
   * Removes settled attempts of removed generations, started before an instant; returns how many. Removes none until
   * the running totals are verified, because the totals then hold the only copy of the sums.
   */
  removeAttempts(startedBefore: number, limit: number): Promise<number>
  /**
   * Removes audit entries older than an instant, oldest first; returns how many. `note` records this in the log before
   * the first one is removed. The database refuses to delete entries that no such note covers.
   */
  removeAudit(before: number, note: AuditEntry, limit: number): Promise<number>
}
