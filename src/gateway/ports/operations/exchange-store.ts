import type { Exchange } from '../../domain/attempts/exchange.ts'
import type { AttemptId, GenerationId } from '../../domain/ids.ts'

/** The exchanges of one step about an attempt, and how often the previous step got the same responses again. */
export interface NewExchanges {
  generationId: GenerationId
  attemptId: AttemptId
  exchanges: Exchange[]
  repeated: number
}

export interface StoredExchange extends Exchange {
  attemptId: AttemptId
  /** The same for all exchanges of one step. */
  step: number
  /** How often the same request got the same response again, directly afterwards. */
  repeated: number
}

/**
 * What upstreams answered, kept for a limited time. Of each attempt, the first four calls for creates and characters
 * and the last twenty calls are kept.
 */
export interface ExchangeStore {
  /** Durable when its promise resolves. Stores nothing if the generation was deleted. */
  append(said: NewExchanges): Promise<void>
  /** The stored exchanges of all attempts of a generation, oldest first. */
  list(id: GenerationId): Promise<StoredExchange[]>
  /** Deletes at most `limit` exchanges older than this instant; how many. */
  prune(before: number, limit: number): Promise<number>
}
