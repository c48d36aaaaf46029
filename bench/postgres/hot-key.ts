import { ulid } from 'ulid'
import { aGeneration, aLogEntry } from '../../test/fixtures/generation.ts'
import { atOnce, inParallel, inTurn, unlimited, type Base } from './stage.ts'

/** Creates of one key per second, on all nodes at once. */
async function createFor({ stores }: Base, ms: number, monthlyBudgetMicros: number | null): Promise<number> {
  const limits = { ...unlimited, monthlyBudgetMicros }
  const started = performance.now()
  let inserted = 0
  await Promise.all(
    stores.map((store) =>
      inParallel(atOnce, async () => {
        while (performance.now() < started + ms) {
          const generation = aGeneration({ id: `gen_${ulid().toLowerCase()}`, dueAt: null })
          await store.insert(generation, { entries: [aLogEntry()], idempotency: null, limits })
          inserted++
        }
      }),
    ),
  )
  return inserted / ((performance.now() - started) / 1000)
}

/** With a budget, and without. */
export async function measureHotKey(
  base: Base,
  { passes, ms }: { passes: number; ms: number },
): Promise<Array<[number, number]>> {
  await createFor(base, ms, 1e15)
  await createFor(base, ms, null)
  return inTurn(
    passes,
    () => createFor(base, ms, 1e15),
    () => createFor(base, ms, null),
  )
}
