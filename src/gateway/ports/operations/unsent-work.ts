import type { openStatuses } from '../../domain/generation/history.ts'
import type { GenerationId } from '../../domain/ids.ts'
import type { Stored } from '../generations/generation-store.ts'

/** A key by its name. Keys that had the same name one after the other are told apart in the generation. */
export interface KeyName {
  tenant: string
  key: string
}

/** The position of a pass over a key's work. */
export interface UnsentPlace {
  status: (typeof openStatuses)[number]
  after: GenerationId | null
}

/** Unfinished work by the key that requested it. */
export interface UnsentWork {
  /** The keys that have unfinished work. */
  keys(): Promise<KeyName[]>
  /**
   * Reads `limit` unfinished generations of the tenant after a position, oldest first, and returns those of the key.
   * `next` is where the pass continues; null at its end.
   */
  page(of: KeyName, from: UnsentPlace, limit: number): Promise<{ found: Stored[]; next: UnsentPlace | null }>
}
