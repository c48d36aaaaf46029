import type { GenerationId } from '../../domain/ids.ts'
import type { Stored } from './generation-store.ts'

/** A generation that was taken to be worked on. */
export interface Claimed extends Stored {
  /** What the ends of the process count that it was in hand at, since a step of it was last stored by another process. */
  crashPoints: number
}

/** A generation that nobody takes up before `until`. */
export interface SetAside {
  id: GenerationId
  until: number
}

/** Who works on which generation: a lease is an owner and the instant at which anyone else may take over. Instants are ms since the epoch. */
export interface GenerationQueue {
  /**
   * Takes up to `limit` generations whose `dueAt` has come and whose lease is free or expired: of each pool as many as
   * `free` says (absent: any number), no pool more than its share of `limit`, the oldest of each first. One whose deadline
   * has come is taken whatever it waits for.
   */
  claimDue(claim: {
    now: number
    owner: string
    leaseUntil: number
    limit: number
    free?: (pool: string) => number
  }): Promise<Claimed[]>
  /** The earliest `dueAt` not under a lease, in pools that have a slot free (absent: all); null when nothing waits. */
  nextDueAt(free?: (pool: string) => number): Promise<number | null>
  /** Lets go of a lease without a change, but for the pool that it waits in where one is named. */
  release(id: GenerationId, owner: string, pool?: string): Promise<void>
  renew(ids: GenerationId[], owner: string, leaseUntil: number): Promise<void>
  /** Counts an uncaught error of this owner against what it has in hand. What is stored of them by this owner from then on is no excuse. */
  noteCrash(ids: GenerationId[], owner: string): Promise<void>
  /**
   * Frees every lease, and counts the end of its owner; what was in hand at too many ends is set aside instead, and named.
   * Only for an engine that no other process shares, at start.
   */
  releaseAll(now: number): Promise<SetAside[]>
}
