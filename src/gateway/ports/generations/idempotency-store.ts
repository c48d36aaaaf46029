import type { GenerationId } from '../../domain/ids.ts'

/** The first response to an idempotency key. `response` is the body as JSON text; never empty. */
export interface FirstAnswer {
  key: string
  requestHash: string
  response: string
}

/** A remembered create; `response` is null once its generation was removed. */
export interface IdempotencyRecord extends Omit<FirstAnswer, 'response'> {
  response: string | null
}

/** A create by a client that retries it automatically when the response is lost. */
export interface ClientCreate {
  path: string
  requestHash: string
}

/** The same create as a retry, number `retry` (from 1). The original is not older than `since`. */
export interface CreateRetry extends ClientCreate {
  tenant: string
  key: string
  since: number
  retry: number
}

/**
 * First responses to idempotency keys, and creates that a client may retry. `GenerationStore.insert` adds them.
 * Instants are ms since the epoch.
 */
export interface IdempotencyStore {
  /**
   * Finds the latest create that a client's retry can repeat. A create answers only one retry of each number, so that
   * two equal requests whose responses are both lost find one generation each.
   */
  takeRetried(retry: CreateRetry): Promise<GenerationId | null>
  /** The record of an idempotency key, if it is younger than `since`. */
  findIdempotency(tenant: string, key: string, since: number): Promise<IdempotencyRecord | null>
  /** Deletes idempotency records older than this instant. */
  pruneIdempotency(before: number): Promise<void>
  /** Deletes at most `limit` creates of clients that are older than this instant; how many. */
  pruneCreates(before: number, limit: number): Promise<number>
}
