import type { Client } from '../../domain/accounts/client.ts'
import type { Attempt } from '../../domain/generation/generation.ts'
import type { AttemptId, GenerationId } from '../../domain/ids.ts'
import type { StoredExchange } from '../../ports/operations/exchange-store.ts'
import type { IdempotencyInput } from '../generations/generations.ts'
import type { Once } from '../once-only.ts'

export interface AttemptExchanges {
  attempt: Attempt
  /** Oldest first. */
  exchanges: StoredExchange[]
}

/** An attempt with the generation that it is of. */
export interface PlacedAttempt {
  generationId: GenerationId
  attempt: Attempt
}

/**
 * What a person found out about an attempt: of an unknown one whether the job was taken, of one that was paid without a video
 * whether the bill has it. `costMicros`: what its upstream charged; null for what was expected.
 */
export type ResolutionInput =
  | { verdict: 'taken'; upstreamId: string; note: string }
  | { verdict: 'not_taken'; costMicros: number | null; charged: boolean; note: string }
  | { verdict: 'charged'; costMicros: number | null; note: string }
  | { verdict: 'not_charged'; note: string }

/** What an operator does about attempts, of any tenant. */
export interface AttemptService {
  /** What upstreams answered; without prompts and addresses unless the key has the scope for them. */
  exchanges(client: Client, id: GenerationId): Promise<AttemptExchanges[]>
  /** Has the upstream asked again now. */
  look(client: Client, id: AttemptId): Promise<PlacedAttempt>
  /** Stores what a person found out. A job that was taken is asked about first, and taken up only if it is there. */
  resolve(
    client: Client,
    id: AttemptId,
    input: ResolutionInput,
    idempotency: IdempotencyInput | null,
  ): Promise<Once<PlacedAttempt>>
}
