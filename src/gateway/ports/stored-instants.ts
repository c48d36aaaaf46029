import type { Stored } from './generations/generation-store.ts'
import type { GenerationId } from '../domain/ids.ts'

/** What waits for an instant, whoever it belongs to, for when the wall clock is set back under it. Instants are ms since the epoch. */
export interface StoredInstants {
  /**
   * Moves what lies ahead of `now` to `byMs` earlier, and not before `now`: the due instants of deliveries, comparisons and series,
   * and every lease, of generations and character bindings too.
   */
  bringBack(byMs: number, now: number): Promise<void>
  /** Generations that will be looked at again, by id, from behind `after`. */
  open(after: GenerationId | null, limit: number): Promise<Stored[]>
}
