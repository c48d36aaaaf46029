import type { GenerationId } from '../../domain/ids.ts'
import type { Stored } from './generation-store.ts'

/** A claimed generation. */
export interface Claimed extends Stored {
  /** How often a process ended while it worked on this generation, since another process last stored a step of it. */
  crashPoints: number
}

/** A generation that is not claimed before `until`, because processes crashed while they worked on it. */
export interface SetAside {
  id: GenerationId
  until: number
}

/**
 * Who is working on which generation. A lease is an owner and the instant from which anyone else may take over.
 * Instants are ms since the epoch.
 */
export interface GenerationQueue {
  /**
   * Claims up to `limit` due generations whose lease is free or expired, the oldest of each pool first: as many per
   * pool as `free` returns (absent: any number), but no more than its equal share of `limit`. A generation past its
   * deadline is claimed whatever it waits for.
   */
  claimDue(claim: {
    now: number
    owner: string
    leaseUntil: number
    limit: number
    free?: (pool: string) => number
  }): Promise<Claimed[]>
  /** The earliest `dueAt` without a lease, in pools with a free slot (absent: all); null when nothing waits. */
  nextDueAt(free?: (pool: string) => number): Promise<number | null>
  /** Releases a lease without changing the generation, except for `pool` if one is given. */
  release(id: GenerationId, owner: string, pool?: string): Promise<void>
  renew(ids: GenerationId[], owner: string, leaseUntil: number): Promise<void>
  /**
   * Counts an uncaught error of this owner against the generations it was working on. Later saves by this owner do not
   * reset the count.
   */
  noteCrash(ids: GenerationId[], owner: string): Promise<void>
  /**
   * Sets those of them aside that crashed too often, and returns them. Of an engine that one process has alone, the next start
   * does that: see `releaseAll`.
   */
  setCrashedAside(ids: GenerationId[], now: number): Promise<SetAside[]>
  /**
   * Frees all leases and counts a crash against each generation. A generation with too many crashes is set aside
   * instead, and returned. Call at start only, and only for an engine that no other process shares.
   */
  releaseAll(now: number): Promise<SetAside[]>
}
