import * as fc from 'fast-check'
import type { Test } from 'tap'
import { everyGeneration } from '../../../src/gateway/domain/generation/search/generation-filter.ts'
import { attemptStates } from '../../../src/gateway/domain/generation/generation.ts'
import type { AttemptState, Generation } from '../../../src/gateway/domain/generation/generation.ts'
import { generationStatuses } from '../../../src/gateway/domain/generation/history.ts'
import type { GenerationStatus } from '../../../src/gateway/domain/generation/history.ts'
import type { SearchFilter } from '../../../src/gateway/ports/generations/generation-search.ts'
import type { GenerationStorage } from '../../../src/gateway/ports/generations/generation-storage.ts'
import { aGeneration, anAttempt, START } from '../../fixtures/generation.ts'
import { insert } from './setup.ts'
import type { Make } from './setup.ts'

const some = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const maybe = <T>(values: readonly T[]): fc.Arbitrary<T | null> => fc.option(some(values))
const tenants = ['studio', 'other']
const keys = ['one', 'two']
const generations = 8

/** What becomes of one of a few generations. It is made, with a new id, if it is not there. */
interface Change {
  number: number
  removed: boolean
  status: GenerationStatus
  /** Of its attempts, in their order; those that it has beyond stay as they are. */
  states: AttemptState[]
}

export const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({
    number: fc.nat(generations - 1),
    removed: fc.nat(5).map((each) => each === 0),
    status: some(generationStatuses),
    states: fc.array(some(attemptStates), { maxLength: 4 }),
  }),
  { minLength: 8, maxLength: 30 },
)

const asked: fc.Arbitrary<SearchFilter> = fc
  .record({
    tenant: maybe(tenants),
    key: maybe(keys),
    status: maybe(generationStatuses),
    attemptState: maybe(attemptStates),
  })
  .map((few) => ({ ...everyGeneration, characters: null, now: START, ...few }))

function changed(before: Generation | undefined, { number, status, states }: Change): Generation {
  const attempts = before?.attempts ?? []
  const all = Array.from({ length: Math.max(attempts.length, states.length) }, (_, nth) => {
    const attempt = attempts[nth] ?? anAttempt()
    return { ...attempt, state: states[nth] ?? attempt.state }
  })
  const made = aGeneration({
    tenant: tenants[number % 2] ?? '',
    key: keys[Math.floor(number / 2) % 2] ?? '',
  })
  return { ...(before ?? made), status, attempts: all }
}

/** Makes the change, and keeps what there is then. */
export async function change(
  store: GenerationStorage,
  there: Map<number, Generation>,
  made: Change,
): Promise<void> {
  const before = there.get(made.number)
  if (made.removed && before !== undefined) {
    there.delete(made.number)
    return store.remove(before.id)
  }
  const next = changed(before, made)
  if (before === undefined) await insert(store, next)
  else {
    const { version = 0 } = (await store.get(next.id)) ?? {}
    await store.save(next, { version, entries: [], lease: null })
  }
  there.set(made.number, next)
}

/** By the words of the definitions, one generation at a time. */
function recounted(there: Iterable<Generation>, { tenant, key, status, attemptState }: SearchFilter) {
  const met = [...there].filter(
    (each) =>
      [null, each.tenant].includes(tenant) &&
      [null, each.key].includes(key) &&
      [null, each.status].includes(status) &&
      (attemptState === null || each.attempts.some(({ state }) => state === attemptState)),
  )
  const having = (state: AttemptState) =>
    [null, state].includes(attemptState)
      ? met.filter(({ attempts }) => attempts.some((each) => each.state === state)).length
      : 0
  return {
    total: met.length,
    byStatus: new Map(
      generationStatuses.map((word) => [word, met.filter((each) => each.status === word).length]),
    ),
    byAttemptState: new Map(attemptStates.map((state) => [state, having(state)])),
    isComplete: true,
  }
}

export async function countsAgree(
  t: Test,
  store: GenerationStorage,
  there: ReadonlyMap<number, Generation>,
  filter: SearchFilter,
): Promise<void> {
  const { total, byStatus, byAttemptState, isComplete } = await store.counts(filter)
  const found = { total, byStatus, byAttemptState, isComplete }
  t.strictSame(found, recounted(there.values(), filter), JSON.stringify(filter))
}

export function countsContract(t: Test, make: Make): void {
  t.test('whatever is made, saved and removed, counts are those of the generations themselves', async (t) => {
    const store = await make(t)
    const there = new Map<number, Generation>()
    await fc.assert(
      fc.asyncProperty(changes, fc.array(asked, { minLength: 6, maxLength: 6 }), async (made, filters) => {
        for (const each of made) await change(store, there, each)
        for (const filter of filters) await countsAgree(t, store, there, filter)
      }),
      { numRuns: 15, seed: 23 },
    )
  })
}
