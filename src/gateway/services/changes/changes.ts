import type { Client } from '../../domain/accounts/client.ts'
import type { Change, ResyncReason } from '../../domain/changes/change.ts'

export type ToldChange =
  | Change
  /** `at`: ms since the epoch. */
  | { type: 'resync'; at: number; reason: ResyncReason }
  | { type: 'heartbeat'; at: number }

/** `seq`: where to go on from after this one. */
export interface Told {
  seq: number
  change: ToldChange
}

export interface FollowChanges {
  /** The last change that the reader has; null for those from now on. */
  after: number | null
  /** How long nothing may be said, in ms. */
  heartbeatMs: number
  signal: AbortSignal
}

/** Changes of everything that a key may see, in one stream. */
export interface ChangeService {
  /** Notes the view in the audit log where it covers other tenants. Rejects if it cannot. */
  note(client: Client): Promise<void>
  /**
   * First what changed after `after` and the state of every upstream, then what changes, until the signal aborts. Yields what
   * there is, some 200 at a time; a reader that takes them slowly gets the newest of each object. Readers that are told the same
   * may get the same array, which must not be changed.
   */
  follow(client: Client, asked: FollowChanges): AsyncGenerator<readonly Told[]>
}
