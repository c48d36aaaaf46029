import type { Test } from 'tap'
import { aGeneration, aLogEntry, START } from '../../fixtures/generation.ts'
import { DAY, unlimited, outcomeTypes, listed } from './setup.ts'
import type { Make } from './setup.ts'

export function idempotencyContract(t: Test, make: Make): void {
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
      (await listed(store, { tenant: 'studio', status: null, character: null, before: null, limit: 100 }))
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
}
