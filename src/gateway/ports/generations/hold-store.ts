import type { AuditEntry } from '../../domain/accounts/audit.ts'

/** Whether this database was restored and what it would send waits for an operator. Instants are ms since the epoch. */
export interface HoldStore {
  /** Null when nothing is held. */
  heldSince(): Promise<number | null>
  /** When something last happened to a generation in this database; null when nothing ever did. */
  lastEventAt(): Promise<number | null>
  /** A hold that is there stays as it is. */
  hold(at: number): Promise<void>
  /** In one transaction with its audit entry; false, and no entry, when nothing was held. */
  release(entry: AuditEntry): Promise<boolean>
}
