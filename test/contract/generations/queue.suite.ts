import type { Test } from 'tap'
import type { Generation } from '../../../src/gateway/domain/generation/generation.ts'
import { aGeneration, anAttempt, attemptId, generationId, START } from '../../fixtures/generation.ts'
import type { Make } from './setup.ts'
import { insert, claimed, unlimited } from './setup.ts'

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

const mostlyFree = (pool: string) => (pool === 'poll:slow' ? 3 : 5)

const onlyLocal = (pool: string) => (pool === 'local' ? 1 : 0)

export function queueContract(t: Test, make: Make): void {
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

  t.test('no more of a pool is claimed than has a slot, and no pool waits behind another', async (t) => {
    const store = await make(t)
    for (let n = 0; n < 20; n++) await insert(store, running('slow', n))
    await insert(store, running('quick', 30))
    const claimed = await store.claimDue({ ...claim, free: mostlyFree })
    t.equal(claimed.length, 4)
    t.ok(claimed.some(({ generation }) => generation.attempts[0]?.upstream === 'quick'))
    t.equal(await store.nextDueAt(() => 1), START)
    t.equal(await store.nextDueAt((pool) => (pool === 'poll:slow' ? 0 : 1)), null, 'full pools wake nobody')
    const shared = await store.claimDue({ ...claim, limit: 10, owner: 'worker-2' })
    t.ok(shared.length <= 10)
  })

  t.test('with more pools than a claim takes, none waits for ever behind the others', async (t) => {
    const store = await make(t)
    const upstreams = ['a', 'b', 'c', 'd', 'e']
    for (const [index, upstream] of upstreams.entries())
      for (let n = 0; n < 4; n++) await insert(store, running(upstream, index * 10 + n))
    const served = new Set<string>()
    for (let round = 0; round < 3; round++)
      for (const { generation } of await store.claimDue({ ...claim, limit: 2 }))
        served.add(generation.attempts[0]?.upstream ?? '')
    t.same([...served].toSorted(), upstreams)
  })

  t.test('what has not come due takes no share of a claim from what has', async (t) => {
    const store = await make(t)
    for (let n = 0; n < 8; n++) await insert(store, running('due', n))
    for (const [index, upstream] of ['a', 'b', 'z'].entries()) {
      const later = running(upstream, 20 + index)
      await insert(store, { ...later, dueAt: START + 1 })
    }
    t.equal((await store.claimDue({ ...claim, limit: 8 })).length, 8)
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

  t.test('a lease that it is stored with holds like one of a claim', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    const told: Generation[] = []
    const storing = (stored: Generation) => void told.push(stored)
    const lease = { owner: 'worker-1', until: START + 1000, storing }
    await store.insert(generation, { entries: [], idempotency: null, limits: unlimited, lease })
    t.same(told, [generation])
    const other = { ...claim, owner: 'worker-2', leaseUntil: START + 9000 }
    t.same(await store.claimDue({ ...other, now: START + 999 }), [])
    t.same(await store.nextDueAt(), null)
    const held = { version: 1, entries: [], lease: { owner: 'worker-1', release: false } }
    t.equal(await store.save(generation, held), 'saved')
    t.match(await store.claimDue({ ...other, now: START + 1000 }), [{ version: 2 }])
    t.equal(await store.save(generation, { ...held, version: 2 }), 'lease_lost')
  })

  t.test('what another left is taken up with what nobody had, no more of both than has a slot', async (t) => {
    const store = await make(t)
    for (let n = 0; n < 3; n++) await insert(store, running('slow', n))
    t.equal((await store.claimDue({ ...claim, owner: 'stopped' })).length, 3)
    for (let n = 3; n < 6; n++) await insert(store, running('slow', n))
    const later = { ...claim, owner: 'worker-2', now: START + 1000, leaseUntil: START + 9000 }
    const first = await store.claimDue({ ...later, free: (pool) => (pool === 'poll:slow' ? 4 : 0) })
    const rest = await store.claimDue({ ...later, owner: 'worker-3' })
    t.equal(first.length, 4)
    const ids = [...first, ...rest].map(({ generation: { id } }) => id)
    t.same(
      ids.toSorted(),
      Array.from({ length: 6 }, (_, n) => generationId(n)),
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
