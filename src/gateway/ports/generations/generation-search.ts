import type { GenerationFilter } from '../../domain/generation/search/generation-filter.ts'
import type { AttemptState, Generation } from '../../domain/generation/generation.ts'
import type { GenerationStatus } from '../../domain/generation/history.ts'
import type { CharacterId, GenerationId } from '../../domain/ids.ts'
import type { Queue } from '../../domain/scheduling/estimated-start.ts'

/** A filter at `now` (ms since the epoch). Several tenants may have characters of the same name: one of them is enough. */
export interface SearchFilter extends Omit<GenerationFilter, 'character' | 'olderThanMs'> {
  characters: readonly CharacterId[] | null
  now: number
}

export interface ListQuery {
  filter: SearchFilter
  /** Only generations older than this id, or newer with `oldestFirst`. */
  before: GenerationId | null
  /** Default: newest first. */
  oldestFirst?: boolean
  limit: number
}

export interface ListPage {
  data: Generation[]
  /**
   * The `before` of the next page; null if there is none. A search ends at a limit of generations that it looks at, so a page
   * may be short, even empty, and not be the last.
   */
  next: GenerationId | null
}

/** Attempts of which nobody knows what became of them, and the generation of the one that began first. */
export interface UncertainCount {
  attempts: number
  /** What they may still cost, in micro-dollars. */
  reservedMicros: number
  oldest: GenerationId | null
}

export interface GenerationCounts {
  total: number
  byStatus: ReadonlyMap<GenerationStatus, number>
  /** Generations with an attempt in that state, as if the state were added to the filter. */
  byAttemptState: ReadonlyMap<AttemptState, number>
  attention: number
  /** The attempts in the states `lostStates` that are meant, by state. */
  uncertain: ReadonlyMap<AttemptState, UncertainCount>
  /** False if a search of words ended at its limit: only the newest ones are counted. */
  isComplete: boolean
}

export interface SampleQuery {
  /** Null for all tenants. */
  tenant: string | null
  /** Created at or after `from` and before `to` (ms since the epoch). */
  from: number
  to: number
  limit: number
}

export interface Sample {
  /** How many generations there are. */
  total: number
  /** All of them, or `limit` of them if there are more: the same ones whenever it is asked. Can be read once. */
  generations: AsyncIterable<Generation>
}

export interface GenerationSearch {
  list(query: ListQuery): Promise<ListPage>
  /** Rejects with a StorageError `busy` if it takes too long. */
  counts(filter: SearchFilter): Promise<GenerationCounts>
  /** Generations that delivered a video. Rejects with a StorageError `busy` if it takes too long. */
  sampleCompleted(query: SampleQuery): Promise<Sample>
  /** About `limit` of all that wait to be sent. Rejects with a StorageError `busy` if it takes too long. */
  waiting(limit: number): Promise<Queue>
}
