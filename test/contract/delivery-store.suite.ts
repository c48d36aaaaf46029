import type { Test } from 'tap'
import { askedAgain } from '../../src/gateway/domain/webhooks/delivery.ts'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import { generationId, START } from '../fixtures/generation.ts'

import {
  all,
  claim,
  deliver,
  destinations,
  down,
  entry,
  everything,
  generations,
  gone,
  insert,
  LATER,
  SECOND,
  seqs,
  taken,
  taking,
  tenants,
  tried,
  unlimited,
  wanting,
} from './delivery-builders.ts'
import type { Make } from './delivery-builders.ts'
export function deliveryStoreContract(t: Test, make: Make): void {
  outbox(t, make)
  claims(t, make)
  order(t, make)
  again(t, make)
}

function outbox(t: Test, make: Make): void {
  t.test('what a webhook wants to know is on its way with the log record that says it', async (t) => {
    const stores = await make(t)
    const url = 'https://hooks.example/a?token=1'
    const generation = await insert(stores, wanting(url), 'generation.queued')
    const next: Generation = { ...generation, status: 'failed' }
    const entries = [
      entry('attempt.started', START + 1),
      entry('attempt.progress', START + 2),
      entry('generation.failed', START + 3),
    ]
    t.equal(await stores.generations.save(next, { version: 1, entries, lease: null }), 'saved')
    const [failed, started, queued, ...rest] = await all(stores, generation)
    t.same(rest, [])
    t.match([queued?.seq, started?.seq, failed?.seq], [1, 2, 4])
    const ulid = generation.id.slice('gen_'.length)
    t.same(failed, {
      id: `dlv_${ulid}_000004`,
      tenant: 'studio',
      format: 'understudy',
      generationId: generation.id,
      seq: 4,
      url,
      type: 'generation.failed',
      at: START + 3,
      status: 'failed',
      state: 'pending',
      tries: [],
      failures: 0,
      dueAt: START + 3,
      expiresAt: START + 3 + 24 * 3600 * SECOND,
    })
    t.equal(queued?.status, 'queued')
    t.same(await stores.deliveries.get(`dlv_${ulid}_000004`), failed)
    t.equal(await stores.deliveries.get(`dlv_${ulid}_000003`), null)
  })

  t.test(
    'nothing is on its way for a write that was not done, or that nobody wants to know of',
    async (t) => {
      const stores = await make(t)
      const unheard = await insert(stores, wanting(null), 'generation.queued')
      const picky = await insert(stores, wanting('https://a.example', {}, []), 'generation.queued')
      const generation = await insert(stores, wanting('https://a.example'))
      t.equal(
        await stores.generations.save(generation, {
          version: 7,
          entries: [entry('generation.failed')],
          lease: null,
        }),
        'conflict',
      )
      for (const each of [unheard, picky, generation]) t.same(await all(stores, each), [])
      t.same(await claim(stores), [])
      t.equal(await stores.deliveries.nextDueAt(0), null)
    },
  )

  t.test('deliveries go with their generation', async (t) => {
    const stores = await make(t)
    const removed = await insert(stores, wanting('https://a.example'), 'generation.queued')
    const kept = await insert(stores, wanting('https://a.example'), 'generation.queued')
    await stores.generations.remove(removed.id)
    t.same(await all(stores, removed), [])
    t.equal((await all(stores, kept)).length, 1)
  })

  t.test('a list is newest first, in pages, of one generation', async (t) => {
    const stores = await make(t)
    const [first] = [
      await insert(stores, wanting('https://a.example'), ...everything),
      await insert(stores, wanting('https://a.example'), ...everything),
    ]
    const page = await stores.deliveries.list({ generationId: first.id, before: null, limit: 2 })
    t.same(
      page.map(({ seq }) => seq),
      [3, 2],
    )
    const before = page.at(-1)?.id ?? null
    const rest = await stores.deliveries.list({ generationId: first.id, before, limit: 2 })
    t.same(
      rest.map(({ seq }) => seq),
      [1],
    )
  })
}

function claims(t: Test, make: Make): void {
  t.test('what is due is claimed once, oldest first, and again when the lease has expired', async (t) => {
    const stores = await make(t)
    for (const [id, at] of [
      [1, START - 1],
      [2, START - 3],
      [3, START + 1],
      [4, START - 2],
    ] as const) {
      const generation = wanting('https://a.example', { id: generationId(id) })
      await stores.generations.insert(generation, {
        entries: [entry('generation.queued', at)],
        idempotency: null,
        limits: unlimited,
      })
    }
    t.same(generations(await claim(stores, { limit: 2 })).toSorted(), [generationId(2), generationId(4)])
    t.same(generations(await claim(stores, { owner: 'worker-2' })), [generationId(1)])
    t.same(await claim(stores), [])
    t.equal(await stores.deliveries.nextDueAt(START), START + 1)
    const lapsed = await claim(stores, { now: START + 60 * SECOND, owner: 'worker-3' })
    t.equal(lapsed.length, 4)
  })

  t.test('of many concurrent claimers each delivery goes to one', async (t) => {
    const stores = await make(t)
    for (let count = 0; count < 30; count++) {
      await insert(stores, wanting('https://a.example'), 'generation.queued')
    }
    const owners = Array.from({ length: 10 }, (_, n) => `worker-${n}`)
    const claimed = await Promise.all(owners.map((owner) => claim(stores, { owner, limit: 5 })))
    const ids = claimed.flat().map(({ delivery }) => delivery.id)
    t.equal(ids.length, 30)
    t.equal(new Set(ids).size, 30)
  })

  t.test(
    'a destination gets no more at a time than there is room, and does not hold up others',
    async (t) => {
      const stores = await make(t)
      for (let count = 0; count < 20; count++) {
        await insert(stores, wanting(`https://slow.example/${count}`), 'generation.queued')
      }
      await insert(stores, wanting('https://other.example:8443/hook'), 'generation.queued')
      const [slow, other] = ['https://slow.example', 'https://other.example:8443']
      t.same(destinations(await claim(stores, { perDestination: 3 })), [other, slow, slow, slow])
      const underWay = taking(slow, other, other, other)
      t.same(destinations(await claim(stores, { perDestination: 3, underWay })), [slow, slow])
      t.same(await claim(stores, { perDestination: 3, underWay: taking(slow, slow, slow) }), [])
      await insert(stores, wanting('https://slow.example/1', { tenant: 'bank' }), 'generation.queued')
      const others = await claim(stores, { perDestination: 3, underWay: taking(slow, slow, slow) })
      t.same(tenants(others), ['bank'], 'of another tenant it takes more')
    },
  )

  t.test('a tenant gets no more at a time than its share, and does not hold up others', async (t) => {
    const stores = await make(t)
    for (let count = 0; count < 600; count++) {
      const generation = wanting(`https://${count % 50}.slow.example/`)
      await stores.generations.insert(generation, {
        entries: [entry('generation.queued', START - 1)],
        idempotency: null,
        limits: unlimited,
      })
    }
    for (const tenant of ['bank', 'bank', 'shop'])
      await insert(stores, wanting('https://good.example/', { tenant }), 'generation.queued')
    const share = { perTenant: 5, perDestination: 2 }
    const first = await claim(stores, share)
    t.same(tenants(first), Array(5).fill('studio'), 'the oldest, and of them a share')
    const underWay = first.map(({ delivery: { tenant }, destination }) => ({ tenant, destination }))
    t.same(tenants(await claim(stores, { ...share, underWay })), ['bank', 'bank', 'shop'])
    t.same(tenants(await claim(stores, { ...share, underWay: underWay.slice(1) })), ['studio'])
    const [{ destination } = { destination: '' }] = underWay
    const held = Array.from({ length: 2 }, () => ({ tenant: 'studio', destination }))
    const rest = await claim(stores, { ...share, underWay: held })
    t.equal(rest.length, 3)
    t.notOk(destinations(rest).includes(destination), 'nor more to one destination of it')
  })

  t.test('who lost the lease settles nothing', async (t) => {
    const stores = await make(t)
    const generation = await insert(stores, wanting('https://a.example'), 'generation.queued')
    const [mine] = await claim(stores)
    await claim(stores, { now: START + 60 * SECOND, owner: 'worker-2', leaseUntil: LATER })
    if (mine === undefined) throw new Error('nothing was claimed')
    t.equal(await stores.deliveries.recordTry(tried(mine.delivery, taken), 'worker-1'), false)
    t.match(await all(stores, generation), [{ state: 'pending', tries: [] }])
    t.equal(await stores.deliveries.recordTry(tried(mine.delivery, taken), 'worker-2'), true)
    t.match(await all(stores, generation), [{ state: 'delivered', dueAt: null, tries: [{ status: 204 }] }])
  })

  t.test('leases left by a process that is gone are freed at start', async (t) => {
    const stores = await make(t)
    await insert(stores, wanting('https://a.example'), 'generation.queued')
    t.equal((await claim(stores)).length, 1)
    await insert(stores, wanting('https://a.example', {}, ['generation.failed']), 'generation.failed')
    await stores.deliveries.releaseAll(START)
    t.equal(
      (await claim(stores, { owner: 'worker-2' })).length,
      1,
      'what was not being sent is due as before',
    )
    const again = START + 6 * SECOND
    const [held, ...rest] = await claim(stores, { owner: 'worker-2', now: again, leaseUntil: LATER })
    t.same(rest, [])
    t.match(held?.delivery, {
      failures: 1,
      tries: [{ at: START, status: null, message: /The gateway ended/ }],
    })
  })

  t.test(
    'what was being sent at every crash is sent ever more rarely, and given up within its day',
    async (t) => {
      const stores = await make(t)
      const generation = await insert(
        stores,
        wanting('https://a.example'),
        'generation.queued',
        'generation.failed',
      )
      let now = START
      let crashes = 0
      for (
        ;
        (await claim(stores, { now, leaseUntil: now + 60 * SECOND, limit: 1 }))[0]?.delivery.seq === 1;
        crashes++
      ) {
        await stores.deliveries.releaseAll(now)
        now = (await stores.deliveries.nextDueAt(now)) ?? now
      }
      t.ok(crashes > 5 && crashes < 50, String(crashes))
      t.match(await all(stores, generation), [
        { seq: 2, state: 'pending' },
        { seq: 1, state: 'failed' },
      ])
    },
  )
}

function order(t: Test, make: Make): void {
  t.test('of one generation only the first that is still pending is taken', async (t) => {
    const stores = await make(t)
    await insert(stores, wanting('https://a.example'), ...everything)
    t.same(seqs(await claim(stores)), [1])
    t.same(await claim(stores), [], 'the others wait while it is under way')
    const lapsed = START + 60 * SECOND
    for (const seq of [1, 2, 3]) t.equal((await deliver(stores, taken, lapsed)).seq, seq)
    t.same(await claim(stores, { now: LATER }), [])
  })

  t.test('what follows a failed try waits with it, and is due at once when that is through', async (t) => {
    const stores = await make(t)
    const generation = await insert(stores, wanting('https://a.example'), ...everything)
    const failed = await deliver(stores, down)
    const dueAt = failed.dueAt ?? 0
    t.ok(dueAt > START)
    t.same(await claim(stores, { now: dueAt - 1 }), [])
    t.equal(await stores.deliveries.nextDueAt(START), dueAt)
    await stores.generations.save(generation, {
      version: 1,
      entries: [entry('generation.failed', START + 1)],
      lease: null,
    })
    t.same(await claim(stores, { now: dueAt - 1 }), [], 'nor does a new one pass it')
    for (const seq of [1, 2, 3, 4]) t.equal((await deliver(stores, taken, dueAt)).seq, seq)
  })

  t.test('what could not be delivered in its time no longer holds up what follows', async (t) => {
    const stores = await make(t)
    await insert(stores, wanting('https://a.example'), 'generation.queued', 'generation.failed')
    let first = await deliver(stores, down)
    while (first.state === 'pending') first = await deliver(stores, down, first.dueAt ?? 0)
    t.equal(first.state, 'failed')
    const at = first.tries.at(-1)?.at ?? 0
    t.match(await deliver(stores, taken, at), { seq: 2, state: 'delivered' })
  })

  t.test('a receiver that wants nothing more gets nothing more of this generation', async (t) => {
    const stores = await make(t)
    const generation = await insert(stores, wanting('https://a.example'), ...everything)
    const other = await insert(stores, wanting('https://a.example'), 'generation.queued')
    const [claimed] = (await claim(stores)).filter(({ delivery }) => delivery.generationId === generation.id)
    if (claimed === undefined) throw new Error('nothing was claimed')
    await stores.deliveries.recordTry(tried(claimed.delivery, gone), 'worker-1')
    await stores.generations.save(generation, {
      version: 1,
      entries: [entry('generation.failed')],
      lease: null,
    })
    const states = (await all(stores, generation)).map(({ state, dueAt }) => `${state} ${dueAt}`)
    t.same(states, Array(4).fill('disabled null'))
    const left = await claim(stores, { now: LATER })
    t.same(
      left.map(({ delivery }) => delivery.generationId),
      [other.id],
    )
  })
}

function again(t: Test, make: Make): void {
  t.test('what was delivered, given up or not wanted can be sent again, alone', async (t) => {
    for (const outcome of [taken, gone]) {
      const stores = await make(t)
      const generation = await insert(stores, wanting('https://a.example'), ...everything)
      const first = await deliver(stores, outcome)
      if (first.state === 'delivered') for (let count = 0; count < 2; count++) await deliver(stores, taken)
      const now = START + 3600 * SECOND
      t.equal(await stores.deliveries.requeue(askedAgain(first, now), now), true)
      t.match(await stores.deliveries.get(first.id), { state: 'pending', dueAt: now, tries: first.tries })
      t.match(await deliver(stores, taken, now), { id: first.id, state: 'delivered', tries: { length: 2 } })
      t.same(await claim(stores, { now: LATER }), [])
      t.equal((await all(stores, generation)).length, 3)
    }
  })

  t.test('what is just being sent cannot be sent again, nor what is gone', async (t) => {
    const stores = await make(t)
    const generation = await insert(stores, wanting('https://a.example'), 'generation.queued')
    const [claimed] = await claim(stores)
    if (claimed === undefined) throw new Error('nothing was claimed')
    const wanted = askedAgain(claimed.delivery, START)
    t.equal(await stores.deliveries.requeue(wanted, START), false)
    t.equal(await stores.deliveries.recordTry(tried(claimed.delivery, taken), 'worker-1'), true)
    t.equal(await stores.deliveries.requeue(wanted, START), true)
    await stores.generations.remove(generation.id)
    t.equal(await stores.deliveries.requeue(wanted, START), false)
  })
}
