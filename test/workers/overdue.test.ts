import t from 'tap'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { GenerationLoop } from '../../src/gateway/workers/generation-loop.ts'
import { createLogger } from '../../src/gateway/process/logger.ts'
import { aGeneration } from '../fixtures/generation.ts'

const START = 1_768_480_200_000
const limits = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }

t.test(
  'work that could be taken up and is not is overdue; what waits behind a full pool is not',
  async (t) => {
    await using database = await openDatabase({ file: ':memory:' })
    const store = createGenerationStore(database)
    await store.insert(aGeneration({ dueAt: START, deadlineAt: START + 9e9 }), {
      entries: [],
      idempotency: null,
      limits,
    })
    const loopWith = (slots: number) =>
      new GenerationLoop({
        store,
        clock: { now: () => START + 70_000 },
        logger: createLogger('silent', { write: () => undefined }),
        owner: 'worker-1',
        work: () => Promise.resolve(),
        poolOf: () => 'local',
        isLeaseLost: () => false,
        isOutage: () => false,
        stopping: new AbortController(),
        slotsIn: () => slots,
        isShared: false,
        slotsInAll: Infinity,
      })
    t.equal(await loopWith(1).overdueMs(), 70_000)
    t.equal(await loopWith(0).overdueMs(), 0)
  },
)
