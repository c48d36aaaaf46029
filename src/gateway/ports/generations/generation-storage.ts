import type { GenerationHistory } from './generation-history.ts'
import type { GenerationLedger } from './generation-ledger.ts'
import type { GenerationQueue } from './generation-queue.ts'
import type { GenerationStore } from './generation-store.ts'
import type { IdempotencyStore } from './idempotency-store.ts'

/** All that is stored of generations, for whoever opens it. Services and workers take the parts that they need. */
export interface GenerationStorage
  extends GenerationStore, GenerationQueue, GenerationLedger, GenerationHistory, IdempotencyStore {}
