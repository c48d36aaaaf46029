import type { GenerationId } from '../../domain/ids.ts'
import type { Stored } from './generation-store.ts'

/** A key by its name; keys that followed each other under one name are told apart in the generation. */
export interface KeyName {
  tenant: string
  key: string
}

/** Where a pass over a key's work goes on. */
export interface UnsentPlace {
  status: 'queued' | 'in_progress'
  after: GenerationId | null
}

/** What is unfinished, by the key that asked for it. */
export interface UnsentWork {
  /** The keys that anything is unfinished of. */
  keys(): Promise<KeyName[]>
  /**
   * Looks at `limit` unfinished generations of the tenant behind a place, oldest first, and answers those of the key; `next`
   * is where the pass goes on, null at its end.
   */
  page(of: KeyName, from: UnsentPlace, limit: number): Promise<{ found: Stored[]; next: UnsentPlace | null }>
}
