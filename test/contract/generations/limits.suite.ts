import type { Test } from 'tap'
import type { Attempt, Generation } from '../../../src/gateway/domain/generation/generation.ts'
import type { GenerationStatus } from '../../../src/gateway/domain/generation/history.ts'
import type { GenerationStorage } from '../../../src/gateway/ports/generations/generation-storage.ts'
import type { InsertLimits } from '../../../src/gateway/ports/generations/generation-store.ts'
import { aGeneration, aLogEntry, anAttempt } from '../../fixtures/generation.ts'
import { MONTH_START, unlimited, insert, outcomeTypes } from './setup.ts'
import type { Make } from './setup.ts'

function budget(monthlyBudgetMicros: number): InsertLimits {
  return { ...unlimited, monthlyBudgetMicros }
}

function add(store: GenerationStorage, limit: InsertLimits, overrides: Partial<Generation> = {}) {
  return store.insert(aGeneration(overrides), { entries: [aLogEntry()], idempotency: null, limits: limit })
}

function existing(status: GenerationStatus, attempts: Partial<Attempt>[]): Partial<Generation> {
  return { status, attempts: attempts.map((attempt) => anAttempt(attempt)) }
}

function spent(startedAt: number): Partial<Generation> {
  return existing('completed', [{ startedAt, state: 'succeeded', costState: 'settled', costMicros: 5 }])
}

export function limitsContract(t: Test, make: Make): void {
  const worst = aGeneration().plan.worstCaseCostMicros

  t.test('200 concurrent inserts never exceed the number a key may have in flight', async (t) => {
    const store = await make(t)
    const limit = { ...unlimited, maxInFlight: 50 }
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => add(store, limit)))
    t.same(outcomeTypes(outcomes), { inserted: 50, too_many_in_flight: 150 })
    t.same(await add(store, limit), { type: 'too_many_in_flight', inFlight: 50 })
  })

  t.test('200 concurrent inserts never exceed the monthly budget of their key', async (t) => {
    const store = await make(t)
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => add(store, budget(worst * 30))))
    t.same(outcomeTypes(outcomes), { inserted: 30, over_budget: 170 })
    t.same(await add(store, budget(worst * 30)), { type: 'over_budget', committedMicros: worst * 30 })
    t.equal((await add(store, budget(worst * 31))).type, 'inserted')
  })

  t.test('ended generations, other keys and other tenants take no slot in flight', async (t) => {
    const store = await make(t)
    await add(store, unlimited, { status: 'completed' })
    await add(store, unlimited, { key: 'key_other' })
    await add(store, unlimited, { tenant: 'other' })
    await add(store, unlimited, { status: 'in_progress' })
    const outcome = await add(store, { ...unlimited, maxInFlight: 1 })
    t.same(outcome, { type: 'too_many_in_flight', inFlight: 1 })
  })

  t.test(
    'an unfinished generation counts what it may still cost, or its attempts where they are dearer',
    async (t) => {
      const store = await make(t)
      const paid = anAttempt({ costState: 'settled', costMicros: 300_000 })
      await add(store, unlimited, { status: 'in_progress', attempts: [paid, anAttempt()] })
      t.same(await add(store, budget(0)), { type: 'over_budget', committedMicros: worst })

      const dear = anAttempt({ costState: 'settled', costMicros: worst * 2 })
      await add(store, unlimited, { status: 'in_progress', attempts: [dear] })
      t.same(await add(store, budget(0)), { type: 'over_budget', committedMicros: worst * 3 })
    },
  )

  t.test('an ended generation counts its attempts: settled at their cost, others as reserved', async (t) => {
    const store = await make(t)
    await add(
      store,
      unlimited,
      existing('failed', [
        { state: 'failed', costState: 'settled', costMicros: 0 },
        { state: 'succeeded', costState: 'settled', costMicros: 70_000 },
        { state: 'abandoned', costState: 'reserved', reservedMicros: 120_000 },
      ]),
    )
    t.same(await add(store, budget(0)), { type: 'over_budget', committedMicros: 190_000 })
  })

  t.test('what an attempt has cost is taken from what its generation may still cost', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    await insert(store, generation)
    const paid = anAttempt({ state: 'failed', costState: 'settled', costMicros: 300_000 })
    await store.save(
      { ...generation, status: 'in_progress', attempts: [paid] },
      { version: 1, entries: [], lease: null },
    )
    t.same(await add(store, budget(0)), { type: 'over_budget', committedMicros: worst })
  })

  t.test('a generation that ends gives back what it did not spend', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    await insert(store, generation)
    t.equal((await add(store, budget(worst))).type, 'over_budget')
    await store.save({ ...generation, status: 'cancelled' }, { version: 1, entries: [], lease: null })
    t.equal((await add(store, budget(worst))).type, 'inserted')
  })

  t.test('what was spent before the month began does not count in it', async (t) => {
    const store = await make(t)
    await add(store, unlimited, spent(MONTH_START - 1))
    t.same(await add(store, budget(0)), { type: 'over_budget', committedMicros: 0 })
    await add(store, unlimited, spent(MONTH_START))
    t.same(await add(store, budget(0)), { type: 'over_budget', committedMicros: 5 })
  })

  t.test('removing a generation does not give back what it has spent', async (t) => {
    const store = await make(t)
    const generation = aGeneration(
      existing('completed', [{ state: 'succeeded', costState: 'settled', costMicros: 120_000 }]),
    )
    await insert(store, generation)
    await store.remove(generation.id)
    t.same(await add(store, budget(0)), { type: 'over_budget', committedMicros: 120_000 })
  })
}
