import type { GenerationHistory } from './generation-history.ts'
import type { GenerationLedger } from './generation-ledger.ts'
import type { GenerationQueue } from './generation-queue.ts'
import type { GenerationSearch } from './generation-search.ts'
import type { GenerationStore } from './generation-store.ts'
import type { IdempotencyStore } from './idempotency-store.ts'

/** All stores of generations, for the code that opens them. Services and workers take only the parts that they need. */
export interface GenerationStorage
  extends
    GenerationStore,
    GenerationQueue,
    GenerationLedger,
    GenerationHistory,
    GenerationSearch,
    IdempotencyStore {}
