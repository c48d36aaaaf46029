import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { SearchState } from '../../domain/restore/restored-job.ts'
import type { ListedJob } from '../upstream.ts'

/** What an upstream said that it made since a copy was taken. */
export interface UpstreamSearch {
  upstream: string
  state: SearchState
  /** Ms since the epoch; null before the first one. */
  searchedAt: number | null
  message: string | null
  jobs: ListedJob[]
}

/** Whether this database was restored and what it would send waits for an operator. Instants are ms since the epoch. */
export interface HoldStore {
  /** Null when nothing is held. */
  heldSince(): Promise<number | null>
  /** When something last happened to a generation in this database; null when nothing ever did. */
  lastEventAt(): Promise<number | null>
  /** A hold that is there stays as it is; a new one begins without searches. */
  hold(at: number): Promise<void>
  /** In one transaction with its audit entry; false, and no entry, when nothing was held. */
  release(entry: AuditEntry): Promise<boolean>
  /** Of each upstream the last one that was kept, also after the release. One that this version cannot read is left out. */
  searches(): Promise<UpstreamSearch[]>
  keepSearch(search: UpstreamSearch): Promise<void>
}
