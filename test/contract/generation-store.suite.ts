import type { Test } from 'tap'
import { countsContract } from './generations/counts.suite.ts'
import { historyContract } from './generations/history.suite.ts'
import { idempotencyContract } from './generations/idempotency.suite.ts'
import { ledgerContract } from './generations/ledger.suite.ts'
import { limitsContract } from './generations/limits.suite.ts'
import { queueContract } from './generations/queue.suite.ts'
import { sampleContract } from './generations/sample.suite.ts'
import { savesContract } from './generations/saves.suite.ts'
import { searchContract } from './generations/search.suite.ts'
import type { Make } from './generations/setup.ts'
import { slotsContract } from './generations/slots.suite.ts'
import { spendCapContract } from './generations/spend-cap.suite.ts'
import { documentsContract, removalContract, videosContract } from './generations/store.suite.ts'
import { waitingContract } from './generations/waiting.suite.ts'
import { usageContract } from './usage.suite.ts'

/** What every GenerationStorage guarantees of its records. `make` opens an empty store and closes it when the test ends. */
export function generationRecordsContract(t: Test, make: Make): void {
  documentsContract(t, make)
  savesContract(t, make)
  searchContract(t, make)
  countsContract(t, make)
  sampleContract(t, make)
  waitingContract(t, make)
  videosContract(t, make)
  removalContract(t, make)
  idempotencyContract(t, make)
}

/** What every GenerationStorage guarantees of leases, logs, limits and amounts. `make` as above. */
export function generationQueueContract(t: Test, make: Make): void {
  limitsContract(t, make)
  queueContract(t, make)
  historyContract(t, make)
  ledgerContract(t, make)
  usageContract(t, make)
  spendCapContract(t, make)
  slotsContract(t, make)
}
