import type { Test } from 'tap'
import type { ComparisonStore } from '../../src/gateway/ports/characters/comparison-store.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import { aGeneration, anAttempt, generationId } from '../fixtures/generation.ts'

type Make = (t: Test) => Promise<{ comparisons: ComparisonStore; generations: GenerationStorage }>

const unlimited = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }

/** What every ComparisonStore says about the money of generations. */
export function comparisonMoneyContract(t: Test, make: Make): void {
  t.test('money of generations is what their attempts are charged now, in three sums', async (t) => {
    const { comparisons, generations } = await make(t)
    const settled = { state: 'succeeded', costState: 'settled', costMicros: 7, delivered: true } as const
    const unused = { ...settled, state: 'failed', costMicros: 20, delivered: false } as const
    const [first, second] = [
      aGeneration({ attempts: [anAttempt(unused), anAttempt(settled), anAttempt({ reservedMicros: 300 })] }),
      aGeneration({ attempts: [anAttempt({ reservedMicros: 4000 })] }),
    ]
    const idle = aGeneration()
    for (const each of [first, second, idle])
      await generations.insert(each, { entries: [], idempotency: null, limits: unlimited })
    // More than one statement takes.
    const others = Array.from({ length: 250 }, (_, index) => generationId(index))
    const money = await comparisons.money([...others, first.id, second.id, idle.id])
    t.strictSame(Object.fromEntries(money), {
      [first.id]: { paidMicros: 27, mayStillBeChargedMicros: 300, paidWithoutVideoMicros: 20 },
      [second.id]: { paidMicros: 0, mayStillBeChargedMicros: 4000, paidWithoutVideoMicros: 0 },
    })
    t.equal((await comparisons.money([])).size, 0)
  })
}
