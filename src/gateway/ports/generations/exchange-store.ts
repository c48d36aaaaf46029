import type { Exchange } from '../../domain/attempts/exchange.ts'
import type { AttemptId, GenerationId } from '../../domain/ids.ts'

/** What one step said to an upstream about an attempt, and how often the step before it got the same answers again. */
export interface NewExchanges {
  generationId: GenerationId
  attemptId: AttemptId
  exchanges: Exchange[]
  repeated: number
}

export interface StoredExchange extends Exchange {
  attemptId: AttemptId
  /** The same for those of one step. */
  step: number
  /** How often the same was asked and answered again, right after. */
  repeated: number
}

/** What upstreams answered, for a time. Of each attempt its first four calls of creates and of characters are kept, and its last twenty. */
export interface ExchangeStore {
  /** Durable when its promise resolves. Stores nothing for a generation that is gone. */
  append(said: NewExchanges): Promise<void>
  /** Of all attempts of a generation, oldest first; at most those that are kept. */
  list(id: GenerationId): Promise<StoredExchange[]>
  /** Forgets at most `limit` that were made before this instant. */
  prune(before: number, limit: number): Promise<void>
}
