import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { EndedFacts } from '../../domain/generation/retention.ts'
import type { GenerationId } from '../../domain/ids.ts'

/** A generation for which nothing is due any more, with what is there of it. */
export interface EndedGeneration extends EndedFacts {
  id: GenerationId
  hasEvents: boolean
  hasDeliveries: boolean
}

/** How far a pass over the ended generations has come. */
export type PassPlace = Pick<EndedGeneration, 'id' | 'createdAt'>

/** Removal of what was kept long enough. Every statement touches a bounded number of rows. */
export interface RetentionStore {
  /** Ended generations created before an instant, oldest first, from behind a place on. */
  endedBefore(instant: number, after: PassPlace | null, limit: number): Promise<EndedGeneration[]>
  /**
   * Removes the record of an ended generation with its events and deliveries; its attempts stay in the ledger. False, and
   * nothing removed, when an attempt is open or a delivery pending.
   */
  removeEnded(id: GenerationId): Promise<boolean>
  removeEvents(id: GenerationId): Promise<void>
  /** Those that are over. */
  removeDeliveries(id: GenerationId): Promise<void>
  /**
   * Removes settled attempts of generations that are gone, started before an instant; how many. None while the running totals
   * are not verified: they are what keeps the sums.
   */
  removeAttempts(startedBefore: number, limit: number): Promise<number>
  /**
   * Removes audit entries from before an instant, oldest first; how many. `note` says so in the log before the first of them
   * goes, and the database lets go of nothing that such a note does not name.
   */
  removeAudit(before: number, note: AuditEntry, limit: number): Promise<number>
}
