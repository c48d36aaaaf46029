import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { MovedAway } from '../../domain/restore/moved-away.ts'
import type { SearchState } from '../../domain/restore/restored-job.ts'
import type { ListedJob } from '../upstream.ts'

/** The jobs that an upstream says it created since the backup was taken. */
export interface UpstreamSearch {
  upstream: string
  state: SearchState
  /** Ms since the epoch; null before the first one. */
  searchedAt: number | null
  message: string | null
  jobs: ListedJob[]
}

/** Whether this database was restored and its unsent work is held for an operator. Instants are ms since the epoch. */
export interface HoldStore {
  /** Null when nothing is held. */
  heldSince(): Promise<number | null>
  /** The time of the last event of any generation in this database; null if there is none. */
  lastEventAt(): Promise<number | null>
  /** Keeps an existing hold as it is; a new hold starts without searches. */
  hold(at: number): Promise<void>
  /** Where the data went, if this installation was moved away: then its hold is not released. */
  movedAway(): Promise<MovedAway | null>
  /**
   * Releases the hold, in one transaction with its audit entry; returns false, and writes nothing, if nothing was held or the
   * installation was moved away.
   */
  release(entry: AuditEntry): Promise<boolean>
  /**
   * The last stored search of each upstream, also after the release. Searches that this version cannot read are left
   * out.
   */
  searches(): Promise<UpstreamSearch[]>
  keepSearch(search: UpstreamSearch): Promise<void>
}
