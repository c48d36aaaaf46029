import type { Generation } from '../../domain/generation/generation.ts'
import type { FirstLease } from './generation-store.ts'

/** Whether a worker takes up a generation that is about to be stored. */
export interface WorkPlace {
  /** To be stored with it. Undefined: it waits to be claimed. */
  readonly lease: FirstLease | undefined
  /** Call it once it is known whether the generation was stored. Resolves once somebody will work on it. */
  end(isStored: boolean): Promise<void>
}

/**
 * `isSelfContained`: work on it asks nothing of anybody outside before its attempt is stored. Then it begins before the generation is
 * stored, and what it stores is in the same commit.
 */
export type FindPlace = (generation: Generation, isSelfContained: boolean) => WorkPlace
