import type { SharedCopy } from '../../domain/fleet/shared-copy.ts'

/** Which state of what the nodes keep in memory the database has. */
export interface CopyVersions {
  /** Grows with each change, in the transaction of the change; one that never changed is absent. */
  all(): Promise<ReadonlyMap<SharedCopy, number>>
}
