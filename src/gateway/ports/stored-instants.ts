import type { Stored } from './generations/generation-store.ts'
import type { GenerationId } from '../domain/ids.ts'

/** Stored instants of all owners, for when the wall clock is set back. Instants are ms since the epoch. */
export interface StoredInstants {
  /**
   * Moves instants after `now` earlier by `byMs`, but not before `now`: the due times of deliveries, comparisons and
   * series, and every lease, including those of generations and bindings.
   */
  bringBack(byMs: number, now: number): Promise<void>
  /** Generations with work left, ordered by id, after `after`. */
  open(after: GenerationId | null, limit: number): Promise<Stored[]>
}
