import type { GenerationId } from '../../domain/ids.ts'

/** The first answer to an idempotency key. `response` is the body that is answered, as JSON text; never empty. */
export interface FirstAnswer {
  key: string
  requestHash: string
  response: string
}

/** A remembered create; `response` is null once its generation was removed. */
export interface IdempotencyRecord extends Omit<FirstAnswer, 'response'> {
  response: string | null
}

/** A create by a client that sends it again, by itself, when its answer is lost. */
export interface ClientCreate {
  path: string
  requestHash: string
}

/** The same create again, the `retry`th time (1 and up); what it repeats is not older than `since`. */
export interface CreateRetry extends ClientCreate {
  tenant: string
  key: string
  since: number
  retry: number
}

/** First answers to idempotency keys, and creates that a client may repeat. They come in with the generation (`GenerationStore.insert`). Instants are ms since the epoch. */
export interface IdempotencyStore {
  /**
   * The latest create that a client's retry can mean. It is the answer of one retry of each number only, so that two equal
   * requests whose answers are both lost find one generation each.
   */
  takeRetried(retry: CreateRetry): Promise<GenerationId | null>
  /** The record of an idempotency key younger than `since`. */
  findIdempotency(tenant: string, key: string, since: number): Promise<IdempotencyRecord | null>
  /** Forgets idempotency records older than this instant. */
  pruneIdempotency(before: number): Promise<void>
  /** Forgets at most `limit` creates of clients that are older than this instant. */
  pruneCreates(before: number, limit: number): Promise<void>
}
