import type { Generation } from '../../domain/generation/generation.ts'

export interface ChangedGeneration {
  generation: Generation
  /** When its last event was, in ms since the epoch. */
  at: number
}

/** Generations as they are now, in one query; those that do not exist are left out. */
export type ReadChanged = (ids: readonly string[]) => Promise<ChangedGeneration[]>
