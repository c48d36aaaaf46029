import type { Test } from 'tap'
import { aGeneration, aLogEntry, anAttempt, START } from '../../fixtures/generation.ts'
import type { Make } from './setup.ts'
import { insert, claimed } from './setup.ts'

export function savesContract(t: Test, make: Make): void {
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
