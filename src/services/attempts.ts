import type { Client } from '../domain/client.ts'
import type { Attempt } from '../domain/generation.ts'
import type { GenerationId } from '../domain/ids.ts'
import type { StoredExchange } from '../ports/exchange-store.ts'

export interface AttemptExchanges {
  attempt: Attempt
  /** Oldest first. */
  exchanges: StoredExchange[]
}

/** What an operator does about attempts, of any tenant. */
export interface AttemptService {
  /** What upstreams answered; without prompts and addresses unless the key has the scope for them. */
  exchanges(client: Client, id: GenerationId): Promise<AttemptExchanges[]>
}
