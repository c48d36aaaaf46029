import type { Test } from 'tap'
import type { FailureCode } from '../../src/gateway/domain/generation/failure.ts'
import type { Attempt, Generation } from '../../src/gateway/domain/generation/generation.ts'
import type { GenerationStatus, LogEntry } from '../../src/gateway/domain/generation/history.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import type { InsertLimits, InsertOutcome } from '../../src/gateway/ports/generations/generation-store.ts'
import {
  characterId,
  aGeneration,
  aLogEntry,
  anAttempt,
  attemptId,
  generationId,
  mediaId,
  START,
} from '../fixtures/generation.ts'
import { usageContract } from './usage.suite.ts'

const DAY = 24 * 60 * 60 * 1000
const MONTH_START = Date.UTC(2026, 0, 1)

const unlimited: InsertLimits = { monthStart: MONTH_START, monthlyBudgetMicros: null, maxInFlight: null }

/** What every GenerationStorage guarantees. `make` opens an empty store and closes it when the test ends. */
export function generationStoreContract(t: Test, make: (t: Test) => Promise<GenerationStorage>): void {
  documents(t, make)
  idempotency(t, make)
  limits(t, make)
  leases(t, make)
  fences(t, make)
  log(t, make)
  ledger(t, make)
  retention(t, make)
  removal(t, make)
  usageContract(t, make)
}

type Make = (t: Test) => Promise<GenerationStorage>

/** A running job of an upstream that is due for a poll. */
function running(upstream: string, n: number): Generation {
  return aGeneration({
    id: generationId(n),
    dueAt: START,
    deadlineAt: START + 9000,
    nextAttemptAt: null,
    attempts: [anAttempt({ id: attemptId(n), state: 'running', upstream, dueAt: START })],
  })
}

const mostlyFree = (lane: string) => (lane === 'poll:slow' ? 3 : 5)
const onlyLocal = (lane: string) => (lane === 'local' ? 1 : 0)

async function insert(store: GenerationStorage, generation: Generation, entries: LogEntry[] = [aLogEntry()]) {
  return store.insert(generation, { entries, idempotency: null, limits: unlimited })
}

/** Inserts a generation and claims it for `owner`. */
async function claimed(store: GenerationStorage, owner: string, overrides: Partial<Generation> = {}) {
  const generation = aGeneration(overrides)
  await insert(store, generation)
  await store.claimDue({ now: START, owner, leaseUntil: START + 1000, limit: 1 })
  return generation
}

function outcomeTypes(outcomes: InsertOutcome[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { type } of outcomes) counts[type] = (counts[type] ?? 0) + 1
  return counts
}

function documents(t: Test, make: Make): void {
  t.test('a generation is read back exactly as it was inserted and saved', async (t) => {
    const store = await make(t)
    const inserted = aGeneration()
    t.same(await insert(store, inserted), { type: 'inserted' })
    t.strictSame(await store.get(inserted.id), { generation: inserted, version: 1 })

    const completed = aGeneration({
      id: inserted.id,
      status: 'completed',
      attempts: [
        anAttempt({
          state: 'failed',
          operation: ['a', { nested: [1, null, true] }],
          failure: { code: 'overloaded', message: 'Слишком много', fallback: true, retryAfterMs: 1500 },
        }),
        anAttempt({ state: 'succeeded', result: { url: 'https://example.com/a.mp4' } }),
      ],
      warnings: [{ code: 'duration_adjusted', detail: '12 seconds instead of 10' }],
      video: {
        mediaId: mediaId(1),
        contentType: 'video/mp4',
        bytes: 9_007_199_254_740_991,
        sha256: 'ab',
        durationSeconds: 12.04,
        width: 1280,
        height: 720,
        expiredAt: START + 99_000,
      },
      error: { code: 'upstream_failed', message: 'a "quoted" 🎬 message\u0000' },
      completedAt: START + 90_000,
      nextAttemptAt: null,
      dueAt: null,
    })
    t.equal(await store.save(completed, { version: 1, entries: [], lease: null }), 'saved')
    t.strictSame(await store.get(inserted.id), { generation: completed, version: 2 })
  })

  t.test('an unknown id is answered with null', async (t) => {
    const store = await make(t)
    t.equal(await store.get(generationId(1)), null)
  })

  t.test('a list is newest first, in pages, and of one tenant only', async (t) => {
    const store = await make(t)
    for (const number of [3, 1, 5, 2, 4]) await insert(store, aGeneration({ id: generationId(number) }))
    await insert(store, aGeneration({ id: generationId(6), tenant: 'other' }))

    const query = { tenant: 'studio', status: null, character: null, limit: 2 }
    const first = await store.list({ ...query, before: null })
    t.same(
      first.map(({ id }) => id),
      [generationId(5), generationId(4)],
    )
    const second = await store.list({ ...query, before: generationId(4) })
    t.same(
      second.map(({ id }) => id),
      [generationId(3), generationId(2)],
    )
    const last = await store.list({ ...query, before: generationId(2) })
    t.same(
      last.map(({ id }) => id),
      [generationId(1)],
    )
  })

  t.test('a list by character has what uses it, in its tenant, as long as it is kept', async (t) => {
    const store = await make(t)
    await insert(store, using(1, 'studio', 1))
    await insert(store, using(2, 'studio', 1, 2))
    await insert(store, using(3, 'studio'))
    await insert(store, using(4, 'other', 1))
    const found = async (character: number, before: number | null = null) => {
      const page = { before: before === null ? null : generationId(before), limit: 10 }
      const query = { tenant: 'studio', status: null, character: characterId(character), ...page }
      return (await store.list(query)).map(({ id }) => id)
    }
    t.same(await found(1), [generationId(2), generationId(1)])
    t.same(await found(1, 2), [generationId(1)])
    t.same(await found(2), [generationId(2)])
    t.same(await found(3), [])
    await store.remove(generationId(2))
    t.same(await found(1), [generationId(1)])
  })

  t.test('a list can begin with the oldest, in pages too', async (t) => {
    const store = await make(t)
    for (const number of [3, 1, 2]) await insert(store, aGeneration({ id: generationId(number) }))
    const query = { tenant: 'studio', status: null, character: null, limit: 2, oldestFirst: true }
    const ids = async (before: Generation['id'] | null) =>
      (await store.list({ ...query, before })).map(({ id }) => id)
    t.same(await ids(null), [generationId(1), generationId(2)])
    t.same(await ids(generationId(2)), [generationId(3)])
  })

  t.test('a list by status follows the status', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    await insert(store, generation)
    const idsBy = async (status: GenerationStatus) => {
      const found = await store.list({ tenant: 'studio', status, character: null, before: null, limit: 10 })
      return found.map(({ id }) => id)
    }
    t.same(await idsBy('queued'), [generation.id])
    await store.save({ ...generation, status: 'cancelled' }, { version: 1, entries: [], lease: null })
    t.same(await idsBy('queued'), [])
    t.same(await idsBy('cancelled'), [generation.id])
  })
}

function using(number: number, tenant: string, ...ids: number[]): Generation {
  const { request } = aGeneration()
  const characters = ids.map((id) => ({ id: characterId(id), name: `name_${id}`, description: '' }))
  return aGeneration({ id: generationId(number), tenant, request: { ...request, characters } })
}

function idempotency(t: Test, make: Make): void {
  const record = { key: 'k1', requestHash: 'hash-1', response: '{"id":"first"}' }

  t.test('of many concurrent creates with one idempotency key exactly one is inserted', async (t) => {
    const store = await make(t)
    const attempts = Array.from({ length: 20 }, (_, n) => ({ ...record, response: `answer ${n}` }))
    const outcomes = await Promise.all(
      attempts.map((each) =>
        store.insert(aGeneration(), { entries: [aLogEntry()], idempotency: each, limits: unlimited }),
      ),
    )
    t.same(outcomeTypes(outcomes), { inserted: 1, key_used: 19 })
    const winner = attempts[outcomes.findIndex(({ type }) => type === 'inserted')]
    const answers = outcomes.flatMap((outcome) => (outcome.type === 'key_used' ? [outcome.response] : []))
    t.same([...new Set(answers)], [winner?.response])
    t.equal(
      (await store.list({ tenant: 'studio', status: null, character: null, before: null, limit: 100 }))
        .length,
      1,
    )
  })

  t.test('a used key answers with the first hash and response, whatever comes with it', async (t) => {
    const store = await make(t)
    await store.insert(aGeneration(), { entries: [], idempotency: record, limits: unlimited })
    const other = { key: 'k1', requestHash: 'hash-2', response: '{"id":"second"}' }
    t.same(await store.insert(aGeneration(), { entries: [], idempotency: other, limits: unlimited }), {
      type: 'key_used',
      requestHash: 'hash-1',
      response: '{"id":"first"}',
    })
  })

  t.test('an idempotency key belongs to its tenant', async (t) => {
    const store = await make(t)
    await store.insert(aGeneration(), { entries: [], idempotency: record, limits: unlimited })
    const outcome = await store.insert(aGeneration({ tenant: 'other' }), {
      entries: [],
      idempotency: record,
      limits: unlimited,
    })
    t.same(outcome, { type: 'inserted' })
  })

  t.test('a key is remembered for 24 hours and then replaced', async (t) => {
    const store = await make(t)
    await store.insert(aGeneration({ createdAt: START }), {
      entries: [],
      idempotency: record,
      limits: unlimited,
    })
    const atTheEnd = await store.insert(aGeneration({ createdAt: START + DAY }), {
      entries: [],
      idempotency: record,
      limits: unlimited,
    })
    t.equal(atTheEnd.type, 'key_used')
    const later = { key: 'k1', requestHash: 'hash-2', response: '{"id":"second"}' }
    const expired = await store.insert(aGeneration({ createdAt: START + DAY + 1 }), {
      entries: [],
      idempotency: later,
      limits: unlimited,
    })
    t.equal(expired.type, 'inserted')
    t.same(await store.findIdempotency('studio', 'k1', START), later)
  })

  t.test('a record is found from its own instant on, and not past it', async (t) => {
    const store = await make(t)
    await store.insert(aGeneration({ createdAt: START }), {
      entries: [],
      idempotency: record,
      limits: unlimited,
    })
    t.same(await store.findIdempotency('studio', 'k1', START), record)
    t.equal(await store.findIdempotency('studio', 'k1', START + 1), null)
    t.equal(await store.findIdempotency('other', 'k1', START), null)
    t.equal(await store.findIdempotency('studio', 'k2', START), null)
  })

  t.test('a repeated request gets its first answer although its key is over a limit by now', async (t) => {
    const store = await make(t)
    await store.insert(aGeneration(), {
      entries: [],
      idempotency: record,
      limits: { ...unlimited, maxInFlight: 1 },
    })
    const again = await store.insert(aGeneration(), {
      entries: [],
      idempotency: record,
      limits: { ...unlimited, maxInFlight: 1 },
    })
    t.equal(again.type, 'key_used')
  })

  t.test('a create that breaks a limit leaves its idempotency key unused', async (t) => {
    const store = await make(t)
    const refused = await store.insert(aGeneration(), {
      entries: [],
      idempotency: record,
      limits: { ...unlimited, maxInFlight: 0 },
    })
    t.equal(refused.type, 'too_many_in_flight')
    t.equal(
      (await store.insert(aGeneration(), { entries: [], idempotency: record, limits: unlimited })).type,
      'inserted',
    )
  })
}

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

function limits(t: Test, make: Make): void {
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

  t.test('ended generations, other keys and other tenants take no place in flight', async (t) => {
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

function leases(t: Test, make: Make): void {
  const claim = { now: START, owner: 'worker-1', leaseUntil: START + 1000, limit: 100 }

  t.test('what is due is claimed, oldest due first, and what is not due or never due is not', async (t) => {
    const store = await make(t)
    await insert(store, aGeneration({ id: generationId(1), dueAt: START }))
    await insert(store, aGeneration({ id: generationId(2), dueAt: START - 2 }))
    await insert(store, aGeneration({ id: generationId(3), dueAt: START - 1 }))
    await insert(store, aGeneration({ id: generationId(4), dueAt: START + 1 }))
    await insert(store, aGeneration({ id: generationId(5), dueAt: null }))
    const first = await store.claimDue({ ...claim, limit: 2 })
    t.same(
      first.map(({ generation }) => generation.id),
      [generationId(2), generationId(3)],
    )
    const rest = await store.claimDue(claim)
    t.same(
      rest.map(({ generation }) => generation.id),
      [generationId(1)],
    )
  })

  t.test('of each lane no more is claimed than has a place, and no lane waits behind another', async (t) => {
    const store = await make(t)
    for (let n = 0; n < 20; n++) await insert(store, running('slow', n))
    await insert(store, running('quick', 30))
    const claimed = await store.claimDue({ ...claim, free: mostlyFree })
    t.equal(claimed.length, 4)
    t.ok(claimed.some(({ generation }) => generation.attempts[0]?.upstream === 'quick'))
    t.equal(await store.nextDueAt(() => 1), START)
    t.equal(await store.nextDueAt((lane) => (lane === 'poll:slow' ? 0 : 1)), null, 'full lanes wake nobody')
    const shared = await store.claimDue({ ...claim, limit: 10, owner: 'worker-2' })
    t.ok(shared.length <= 10)
  })

  t.test('a deadline is taken up whatever its generation waits for', async (t) => {
    const store = await make(t)
    const attempts = [anAttempt({ state: 'binding', upstream: 'slow', dueAt: START - 9000 })]
    const deadlineAt = START
    await insert(store, aGeneration({ dueAt: START - 9000, deadlineAt, nextAttemptAt: null, attempts }))
    t.same(await store.claimDue({ ...claim, now: START - 1, free: onlyLocal }), [])
    t.equal(await store.nextDueAt(onlyLocal), START)
    t.equal((await store.claimDue({ ...claim, free: onlyLocal })).length, 1)
  })

  t.test('concurrent claimers never get the same generation', async (t) => {
    const store = await make(t)
    const ids = Array.from({ length: 40 }, (_, n) => generationId(n))
    await Promise.all(ids.map((id) => insert(store, aGeneration({ id }))))
    const claims = await Promise.all(
      Array.from({ length: 10 }, (_, n) => store.claimDue({ ...claim, owner: `worker-${n}`, limit: 5 })),
    )
    const taken = claims.flat().map(({ generation }) => generation.id)
    t.same(taken.toSorted(), ids)
  })

  t.test('a lease keeps others out until it expires, not a moment longer', async (t) => {
    const store = await make(t)
    const generation = await claimed(store, 'worker-1')
    const other = { ...claim, owner: 'worker-2', leaseUntil: START + 9000 }
    t.same(await store.claimDue({ ...other, now: START + 999 }), [])
    const expired = await store.claimDue({ ...other, now: START + 1000 })
    t.same(
      expired.map(({ generation: { id } }) => id),
      [generation.id],
    )
  })

  t.test('a claim does not change the version', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    await insert(store, generation)
    t.strictSame(await store.claimDue(claim), [{ generation, version: 1, crashPoints: 0 }])
    t.strictSame(await store.get(generation.id), { generation, version: 1 })
  })

  t.test('a renewed lease holds on; one of another owner is not renewed', async (t) => {
    const store = await make(t)
    const [mine, theirs] = [generationId(1), generationId(2)]
    await claimed(store, 'worker-1', { id: mine })
    await claimed(store, 'worker-2', { id: theirs })
    await store.renew([mine, theirs], 'worker-1', START + 5000)
    const expired = await store.claimDue({ ...claim, owner: 'worker-3', now: START + 4999 })
    t.same(
      expired.map(({ generation }) => generation.id),
      [theirs],
    )
  })

  t.test('any number of leases is renewed at once, also none', async (t) => {
    const store = await make(t)
    const ids = Array.from({ length: 250 }, (_, n) => generationId(n))
    await Promise.all(ids.map((id) => insert(store, aGeneration({ id }))))
    await store.claimDue({ ...claim, limit: 250 })
    await store.renew([], 'worker-1', START + 5000)
    await store.renew(ids, 'worker-1', START + 5000)
    t.same(await store.claimDue({ ...claim, owner: 'worker-2', now: START + 4999 }), [])
  })

  t.test('a released generation can be claimed again; only its owner releases it', async (t) => {
    const store = await make(t)
    const { id } = await claimed(store, 'worker-1')
    const other = { ...claim, owner: 'worker-2' }
    await store.release(id, 'worker-2')
    t.same(await store.claimDue(other), [])
    await store.release(id, 'worker-1')
    t.equal((await store.claimDue(other)).length, 1)
  })

  t.test('releasing all frees every lease', async (t) => {
    const store = await make(t)
    await claimed(store, 'worker-1')
    await claimed(store, 'worker-2')
    await store.releaseAll(START)
    t.equal((await store.claimDue({ ...claim, owner: 'worker-3' })).length, 2)
  })

  t.test(
    'what is in hand at three uncaught errors is set aside: not claimed, and not due, for a while',
    async (t) => {
      const store = await make(t)
      const { id } = await claimed(store, 'life-0')
      for (const life of [0, 1]) {
        await store.noteCrash([id], `life-${life}`)
        t.same(await store.releaseAll(START), [])
        const [again] = await store.claimDue({ ...claim, owner: `life-${life + 1}` })
        t.equal(again?.crashPoints, (life + 1) * 11)
      }
      await store.noteCrash([id], 'life-2')
      const until = START + 600_000
      t.same(await store.releaseAll(START), [{ id, until }])
      t.same(await store.claimDue({ ...claim, owner: 'life-3' }), [])
      t.equal(await store.nextDueAt(), null)
      t.same(await store.releaseAll(START), [], 'another start changes nothing')
      t.same(await store.claimDue({ ...claim, now: until - 1, owner: 'life-4' }), [])
      t.equal((await store.claimDue({ ...claim, now: until, owner: 'life-4' })).length, 1)
      await store.noteCrash([id], 'life-4')
      t.same(await store.releaseAll(until), [{ id, until: until + 2_400_000 }], 'for longer the next time')
    },
  )

  t.test(
    'a step that a later process stores clears what was counted; one of the same process does not',
    async (t) => {
      const store = await make(t)
      const generation = await claimed(store, 'life-0')
      const { id } = generation
      await store.noteCrash([id], 'life-0')
      t.equal(
        await store.save(generation, { version: 1, entries: [], lease: { owner: 'life-0', release: true } }),
        'saved',
      )
      await store.releaseAll(START)
      const [counted] = await store.claimDue({ ...claim, owner: 'life-1' })
      t.equal(counted?.crashPoints, 10)
      await store.save(generation, { version: 2, entries: [], lease: { owner: 'life-1', release: true } })
      const [cleared] = await store.claimDue({ ...claim, owner: 'life-1' })
      t.equal(cleared?.crashPoints, 0)
    },
  )

  t.test('an error is counted against what is in hand, and only for its owner', async (t) => {
    const store = await make(t)
    const { id } = await claimed(store, 'worker-1')
    await store.noteCrash([id], 'worker-2')
    await store.noteCrash([], 'worker-1')
    await store.release(id, 'worker-1')
    const [released] = await store.claimDue({ ...claim, owner: 'worker-1' })
    t.equal(released?.crashPoints, 0, 'what was let go of was not in hand at any end')
  })

  t.test('the next due instant is the earliest one that is not under a lease', async (t) => {
    const store = await make(t)
    t.equal(await store.nextDueAt(), null)
    await insert(store, aGeneration({ dueAt: START }))
    await insert(store, aGeneration({ dueAt: START + 7000 }))
    await insert(store, aGeneration({ dueAt: null }))
    t.equal(await store.nextDueAt(), START)
    await store.claimDue(claim)
    t.equal(await store.nextDueAt(), START + 7000)
    await store.claimDue({ ...claim, now: START + 7000 })
    t.equal(await store.nextDueAt(), null)
  })
}

function fences(t: Test, make: Make): void {
  const mine = { owner: 'worker-1', release: false }

  t.test('a save that names a stale version changes nothing', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    await insert(store, generation)
    const newer = { ...generation, progress: 10 }
    t.equal(await store.save(newer, { version: 1, entries: [], lease: null }), 'saved')
    const stale = { ...generation, progress: 99, attempts: [anAttempt()] }
    t.equal(
      await store.save(stale, { version: 1, entries: [aLogEntry({ type: 'attempt.started' })], lease: null }),
      'conflict',
    )
    t.strictSame(await store.get(generation.id), { generation: newer, version: 2 })
    t.equal((await store.events(generation.id, 0, 10)).length, 1)
    t.same(await store.liveAttempts(), [])
  })

  t.test('of many concurrent saves of one version exactly one is kept', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    await insert(store, generation)
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        store.save({ ...generation, progress: n }, { version: 1, entries: [aLogEntry()], lease: null }),
      ),
    )
    t.equal(outcomes.filter((outcome) => outcome === 'saved').length, 1)
    t.equal(outcomes.filter((outcome) => outcome === 'conflict').length, 19)
    t.equal((await store.get(generation.id))?.version, 2)
    t.equal((await store.events(generation.id, 0, 100)).length, 2)
  })

  t.test('a worker whose lease was taken over cannot write', async (t) => {
    const store = await make(t)
    const generation = await claimed(store, 'worker-1')
    await store.claimDue({ now: START + 1000, owner: 'worker-2', leaseUntil: START + 9000, limit: 1 })
    t.equal(
      await store.save({ ...generation, progress: 50 }, { version: 1, entries: [aLogEntry()], lease: mine }),
      'lease_lost',
    )
    t.strictSame(await store.get(generation.id), { generation, version: 1 })
    t.equal((await store.events(generation.id, 0, 10)).length, 1)
  })

  t.test(
    'a worker whose lease was taken over and written under is told that the lease is lost',
    async (t) => {
      const store = await make(t)
      const generation = await claimed(store, 'worker-1')
      await store.claimDue({ now: START + 1000, owner: 'worker-2', leaseUntil: START + 9000, limit: 1 })
      await store.save(
        { ...generation, progress: 1 },
        { version: 1, entries: [], lease: { owner: 'worker-2', release: false } },
      )
      t.equal(
        await store.save({ ...generation, progress: 50 }, { version: 1, entries: [], lease: mine }),
        'lease_lost',
      )
    },
  )

  t.test('a worker cannot write under a lease it never had or has let go', async (t) => {
    const store = await make(t)
    const generation = await claimed(store, 'worker-1')
    t.equal(
      await store.save(generation, { version: 1, entries: [], lease: { owner: 'worker-2', release: false } }),
      'lease_lost',
    )
    await store.release(generation.id, 'worker-1')
    t.equal(await store.save(generation, { version: 1, entries: [], lease: mine }), 'lease_lost')
  })

  t.test('a lease that has expired but was not taken over still writes', async (t) => {
    const store = await make(t)
    const generation = await claimed(store, 'worker-1')
    t.equal(
      await store.save({ ...generation, progress: 50 }, { version: 1, entries: [], lease: mine }),
      'saved',
    )
  })

  t.test('a worker learns of a newer version under its own lease as a conflict', async (t) => {
    const store = await make(t)
    const generation = await claimed(store, 'worker-1')
    t.equal(
      await store.save({ ...generation, status: 'cancelled' }, { version: 1, entries: [], lease: null }),
      'saved',
    )
    t.equal(
      await store.save({ ...generation, progress: 50 }, { version: 1, entries: [], lease: mine }),
      'conflict',
    )
    t.equal(
      await store.save({ ...generation, status: 'cancelled' }, { version: 2, entries: [], lease: mine }),
      'saved',
    )
  })

  t.test('a save lets go of the lease only when asked to', async (t) => {
    const store = await make(t)
    const generation = await claimed(store, 'worker-1')
    const claim = { now: START, owner: 'worker-2', leaseUntil: START + 9000, limit: 1 }
    await store.save(generation, { version: 1, entries: [], lease: mine })
    t.same(await store.claimDue(claim), [])
    await store.save(generation, { version: 2, entries: [], lease: { owner: 'worker-1', release: true } })
    t.equal((await store.claimDue(claim)).length, 1)
  })

  t.test('a save without a lease leaves the lease of its holder as it is', async (t) => {
    const store = await make(t)
    const generation = await claimed(store, 'worker-1')
    t.equal(await store.save(generation, { version: 1, entries: [], lease: null }), 'saved')
    t.same(await store.claimDue({ now: START, owner: 'worker-2', leaseUntil: START + 9, limit: 1 }), [])
    t.equal(await store.save(generation, { version: 2, entries: [], lease: mine }), 'saved')
  })

  t.test('a save of what was removed says so', async (t) => {
    const store = await make(t)
    const generation = await claimed(store, 'worker-1')
    await store.remove(generation.id)
    t.equal(await store.save(generation, { version: 1, entries: [aLogEntry()], lease: null }), 'missing')
    t.equal(await store.save(generation, { version: 1, entries: [aLogEntry()], lease: mine }), 'missing')
  })

  t.test('a save moves the due instant', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    await insert(store, generation)
    await store.save({ ...generation, dueAt: START + 5 }, { version: 1, entries: [], lease: null })
    t.equal(await store.nextDueAt(), START + 5)
    await store.save({ ...generation, dueAt: null }, { version: 2, entries: [], lease: null })
    t.equal(await store.nextDueAt(), null)
  })
}

function entry(n: number): LogEntry {
  return aLogEntry({ type: 'attempt.progress', at: START + n, data: { n } })
}

function log(t: Test, make: Make): void {
  t.test('log records are numbered from 1 without gaps, in the order of the saves', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    await insert(store, generation, [entry(1), entry(2)])
    await store.save(generation, { version: 1, entries: [entry(3)], lease: null })
    await store.save(generation, { version: 2, entries: [], lease: null })
    await store.save(generation, { version: 1, entries: [entry(99)], lease: null })
    await store.save(generation, { version: 3, entries: [entry(4), entry(5), entry(6)], lease: null })
    const records = await store.events(generation.id, 0, 100)
    const expected = [1, 2, 3, 4, 5, 6].map((n) => ({ seq: n, ...entry(n) }))
    t.strictSame(records, expected)
  })

  t.test('racing writers leave a log without gaps or repeats', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    await insert(store, generation, [])
    const writer = async (name: string) => {
      for (let saved = 0; saved < 10;) {
        const stored = await store.get(generation.id)
        if (!stored) throw new Error('gone')
        const data = { writer: name, nth: saved }
        const entries = [aLogEntry({ data }), aLogEntry({ data })]
        if (
          (await store.save(stored.generation, { version: stored.version, entries, lease: null })) === 'saved'
        )
          saved += 1
      }
    }
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => writer(name)))
    const records = await store.events(generation.id, 0, 1000)
    t.same(
      records.map(({ seq }) => seq),
      Array.from({ length: 80 }, (_, n) => n + 1),
    )
    for (const name of ['a', 'b', 'c', 'd']) {
      const own = records.filter(({ data }) => data['writer'] === name).map(({ data }) => data['nth'])
      t.same(
        own,
        Array.from({ length: 20 }, (_, n) => Math.floor(n / 2)),
      )
    }
  })

  t.test('a log is read on from any record, up to a limit', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    await insert(store, generation, [1, 2, 3, 4, 5].map(entry))
    const seqs = async (after: number, limit: number) =>
      (await store.events(generation.id, after, limit)).map(({ seq }) => seq)
    t.same(await seqs(2, 2), [3, 4])
    t.same(await seqs(4, 2), [5])
    t.same(await seqs(5, 2), [])
    t.same(await store.events(generationId(1), 0, 10), [])
  })
}

function withAttempts(...attempts: Attempt[]): Generation {
  return aGeneration({ status: 'in_progress', attempts })
}

function finished(
  upstream: string,
  state: 'succeeded' | 'failed',
  latencyMs: number,
  endedAt = START,
): Attempt {
  return anAttempt({ upstream, state, acceptedAt: endedAt - latencyMs, endedAt })
}

function failedWith(upstream: string, code: FailureCode, endedAt: number): Attempt {
  const failure = { code, message: 'no', fallback: false, retryAfterMs: null }
  return anAttempt({ upstream, state: 'failed', endedAt, failure })
}

function ledger(t: Test, make: Make): void {
  t.test('live attempts are those that are binding, submitting, unknown or running', async (t) => {
    const store = await make(t)
    const states = [
      'binding',
      'submitting',
      'unknown',
      'running',
      'archiving',
      'abandoned',
      'succeeded',
      'failed',
    ] as const
    const attempts = states.map((state, n) => anAttempt({ id: attemptId(n), state, upstream: `up-${n}` }))
    const generation = withAttempts(...attempts)
    await insert(store, generation)
    const live = await store.liveAttempts()
    t.same(
      live.toSorted((a, b) => a.id.localeCompare(b.id)),
      [0, 1, 2, 3].map((n) => ({ id: attemptId(n), upstream: `up-${n}` })),
    )
    const ended = attempts.map((attempt) => ({ ...attempt, state: 'failed' as const }))
    await store.save({ ...generation, attempts: ended }, { version: 1, entries: [], lease: null })
    t.same(await store.liveAttempts(), [])
  })

  t.test('an attempt that a save adds is live from then on', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    await insert(store, generation)
    await store.save(
      { ...generation, attempts: [anAttempt({ id: attemptId(1) })] },
      { version: 1, entries: [], lease: null },
    )
    t.same(await store.liveAttempts(), [{ id: attemptId(1), upstream: 'reseller-a' }])
  })

  t.test('a job is ours once an attempt has its id, on that upstream only', async (t) => {
    const store = await make(t)
    const attempt = anAttempt({ upstream: 'reseller-a', upstreamId: null })
    const generation = withAttempts(attempt)
    await insert(store, generation)
    t.equal(await store.ownsJob('reseller-a', 'job-1'), false)
    await store.save(
      { ...generation, attempts: [{ ...attempt, upstreamId: 'job-1' }] },
      { version: 1, entries: [], lease: null },
    )
    t.equal(await store.ownsJob('reseller-a', 'job-1'), true)
    t.equal(await store.ownsJob('reseller-b', 'job-1'), false)
  })

  t.test('the owner of a job is found by any of several ids, on that upstream only', async (t) => {
    const store = await make(t)
    const attempts = [1, 2].map((n) => anAttempt({ id: attemptId(n), upstreamId: `job-${n}` }))
    const elsewhere = anAttempt({ upstream: 'reseller-b', upstreamId: 'job-1' })
    const generation = withAttempts(...attempts, elsewhere)
    await insert(store, generation)
    t.same(await store.ownersOf('reseller-a', ['evt-9', 'job-2']), [
      { attemptId: attemptId(2), generationId: generation.id },
    ])
    t.equal((await store.ownersOf('reseller-a', ['job-1', 'job-2'])).length, 2)
    t.same(await store.ownersOf('reseller-a', ['job-3']), [])
    t.same(await store.ownersOf('reseller-a', []), [])
  })

  t.test(
    'unknown attempts of one upstream are found from the newest on, up to a limit and an age',
    async (t) => {
      const store = await make(t)
      const generations = [1, 2, 3].map((n) =>
        withAttempts(
          anAttempt({ id: attemptId(n), state: 'unknown', upstreamId: null, startedAt: START + n }),
        ),
      )
      for (const generation of generations) await insert(store, generation)
      await insert(store, withAttempts(anAttempt({ state: 'running' })))
      await insert(store, withAttempts(anAttempt({ state: 'unknown', upstream: 'reseller-b' })))
      const found = async (since: number, limit: number) =>
        (await store.unknownAttempts('reseller-a', since, limit)).map((place) => place.attemptId)
      t.same(await found(START, 10), [attemptId(3), attemptId(2), attemptId(1)])
      t.same(await found(START, 2), [attemptId(3), attemptId(2)])
      t.same(await found(START + 2, 10), [attemptId(3), attemptId(2)])
      t.equal((await store.unknownAttempts('reseller-a', START, 1))[0]?.generationId, generations[2]?.id)
      const said = (code: 'not_taken' | 'lost', n: number) =>
        withAttempts(
          anAttempt({
            id: attemptId(n),
            state: 'failed',
            startedAt: START + n,
            failure: { code, message: '', fallback: true, retryAfterMs: null },
          }),
        )
      await insert(store, said('not_taken', 5))
      await insert(store, said('lost', 6))
      t.same(await found(START, 2), [attemptId(5), attemptId(3)], 'a person’s word may be wrong')
      const [first] = generations
      t.same(await store.placeOf(attemptId(1)), { attemptId: attemptId(1), generationId: first?.id })
      t.equal(await store.placeOf(attemptId(99)), null)
    },
  )

  t.test(
    'statistics count what finished in the window, what is unexplained of it, and the median latency of what succeeded',
    async (t) => {
      const store = await make(t)
      await insert(
        store,
        withAttempts(
          finished('odd', 'succeeded', 900),
          finished('odd', 'succeeded', 100),
          finished('odd', 'succeeded', 200),
          finished('odd', 'failed', 1),
          finished('odd', 'succeeded', 1, START - 1),
          finished('even', 'succeeded', 100),
          anAttempt({ upstream: 'even', state: 'succeeded', acceptedAt: null, endedAt: START }),
          finished('even', 'succeeded', 201),
          anAttempt({ upstream: 'even', state: 'failed', acceptedAt: null, endedAt: START }),
          finished('broken', 'failed', 5),
          failedWith('broken', 'unexplained', START),
          failedWith('broken', 'unexplained', START),
          failedWith('broken', 'unexplained', START - 1),
          anAttempt({ upstream: 'running', state: 'running' }),
        ),
      )
      t.same(await store.statistics(START), [
        { upstream: 'broken', succeeded: 0, failed: 3, unexplained: 2, latencyMs: null },
        { upstream: 'even', succeeded: 3, failed: 1, unexplained: 0, latencyMs: 150.5 },
        { upstream: 'odd', succeeded: 3, failed: 1, unexplained: 0, latencyMs: 200 },
      ])
      t.same(await store.statistics(START + 1), [])
    },
  )

  t.test('statistics leave out failures that say nothing about the upstream', async (t) => {
    const store = await make(t)
    const codes: FailureCode[] = ['refused', 'invalid', 'cancelled', 'job_failed']
    const attempts = codes.map((code) => failedWith('strict', code, START))
    await insert(store, withAttempts(...attempts))
    t.same(await store.statistics(START), [
      { upstream: 'strict', succeeded: 0, failed: 1, unexplained: 0, latencyMs: null },
    ])
  })
}

function retention(t: Test, make: Make): void {
  t.test('videos are found from the oldest on, until they are expired', async (t) => {
    const store = await make(t)
    const video = {
      mediaId: mediaId(1),
      contentType: 'video/mp4',
      bytes: 1,
      sha256: 'ab',
      durationSeconds: 1,
      width: 2,
      height: 2,
      expiredAt: null,
    }
    const [old, older, none] = [
      aGeneration({ status: 'completed', completedAt: START + 20, video }),
      aGeneration({ status: 'completed', completedAt: START + 10, video }),
      aGeneration({ status: 'failed', completedAt: START }),
    ]
    for (const generation of [old, older, none]) await insert(store, generation)
    const found = await store.videosBefore(START + 30, 10)
    t.same(
      found.map(({ generation }) => generation.id),
      [older.id, old.id],
    )
    t.same(await store.videosBefore(START + 10, 10), [])
    await store.save(
      { ...older, video: { ...video, expiredAt: START + 40 } },
      { version: 1, entries: [], lease: null },
    )
    t.equal((await store.videosBefore(START + 30, 10)).length, 1)
  })

  t.test('the create that a client sends again is found once for each retry, the latest first', async (t) => {
    const store = await make(t)
    const create = { path: '/v1/videos', requestHash: 'h' }
    const [first, second] = [aGeneration({ createdAt: START }), aGeneration({ createdAt: START + 1 })]
    for (const each of [first, second])
      await store.insert(each, {
        entries: [],
        idempotency: null,
        limits: unlimited,
        audit: undefined,
        create,
      })
    const { tenant, key } = first
    const retry = { ...create, tenant, key, since: START, retry: 1 }
    t.equal(await store.takeRetried({ ...retry, tenant: 'other' }), null)
    t.equal(await store.takeRetried({ ...retry, key: 'other' }), null)
    t.equal(await store.takeRetried({ ...retry, path: '/v1/videos/edits' }), null)
    t.equal(await store.takeRetried({ ...retry, requestHash: 'other' }), null)
    t.equal(await store.takeRetried({ ...retry, since: START + 2 }), null)
    t.equal(await store.takeRetried(retry), second.id)
    t.equal(await store.takeRetried(retry), first.id)
    t.equal(await store.takeRetried(retry), null)
    t.equal(await store.takeRetried({ ...retry, retry: 2 }), second.id)
    await store.pruneCreates(START + 1, 10)
    t.equal(await store.takeRetried({ ...retry, retry: 3 }), second.id)
    t.equal(await store.takeRetried({ ...retry, retry: 3 }), null)
  })

  t.test('pruned idempotency records are forgotten, younger ones are kept', async (t) => {
    const store = await make(t)
    for (const [key, createdAt] of [
      ['old', START],
      ['young', START + 10],
    ] as const) {
      const generation = aGeneration({ createdAt })
      await store.insert(generation, {
        entries: [],
        idempotency: { key, requestHash: 'h', response: '{}' },
        limits: unlimited,
      })
    }
    await store.pruneIdempotency(START + 10)
    t.equal(await store.findIdempotency(aGeneration().tenant, 'old', 0), null)
    t.ok(await store.findIdempotency(aGeneration().tenant, 'young', 0))
  })
}

function removal(t: Test, make: Make): void {
  t.test('a removed generation is gone with its log and its idempotency key', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    const record = { key: 'k1', requestHash: 'hash', response: '{}' }
    await store.insert(generation, { entries: [aLogEntry()], idempotency: record, limits: unlimited })
    await store.remove(generation.id)
    t.equal(await store.get(generation.id), null)
    t.same(await store.events(generation.id, 0, 10), [])
    t.equal(await store.findIdempotency('studio', 'k1', 0), null)
    t.same(await store.list({ tenant: 'studio', status: null, character: null, before: null, limit: 10 }), [])
    t.equal(await store.nextDueAt(), null)
    await store.remove(generation.id)
  })

  t.test('a removed generation holds no slot, and its jobs stay ours', async (t) => {
    const store = await make(t)
    const generation = aGeneration({ attempts: [anAttempt({ upstreamId: 'job-1' })] })
    await insert(store, generation)
    await store.remove(generation.id)
    t.same(await store.liveAttempts(), [])
    t.equal(await store.ownsJob('reseller-a', 'job-1'), true)
    t.match(await store.ownersOf('reseller-a', ['job-1']), [{ generationId: null }])
  })

  t.test('removing one generation leaves the others alone', async (t) => {
    const store = await make(t)
    const [kept, removed] = [aGeneration(), aGeneration()]
    const record = { key: 'kept', requestHash: 'hash', response: '{}' }
    await store.insert(kept, { entries: [aLogEntry()], idempotency: record, limits: unlimited })
    await insert(store, removed)
    await store.remove(removed.id)
    t.strictSame(await store.get(kept.id), { generation: kept, version: 1 })
    t.equal((await store.events(kept.id, 0, 10)).length, 1)
    t.same(await store.findIdempotency('studio', 'kept', 0), record)
  })
}
