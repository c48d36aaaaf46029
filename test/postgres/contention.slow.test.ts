import t from 'tap'
import type { Test } from 'tap'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import type { InsertLimits, SaveTerms } from '../../src/gateway/ports/generations/generation-store.ts'
import { createCallStore } from '../../src/gateway/storage/accounts/call-store.ts'
import { createTenantStore } from '../../src/gateway/storage/accounts/tenant-store.ts'
import type { Database } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import { createPauseStore } from '../../src/gateway/storage/queue/pause-store.ts'
import { aGeneration, aLogEntry, anAttempt, START } from '../fixtures/generation.ts'
import { anAuditEntry } from '../fixtures/key.ts'
import { MONTH_START, unlimited } from '../contract/generations/setup.ts'
import { postgresDatabases } from './databases.ts'
import { skipsPostgres } from './server.ts'

const skip = skipsPostgres()
if (skip !== false) {
  t.comment(skip)
  process.exit(0)
}

const { create, server } = await postgresDatabases(t)

interface Node {
  database: Database
  store: GenerationStorage
}

/** Three nodes over one database of the test alone. */
async function threeNodes(t: Test): Promise<{ nodes: Node[]; of: (index: number) => Node; url: string }> {
  const url = await create()
  const nodes: Node[] = []
  for (let index = 0; index < 3; index++) {
    const database = await openPostgres({ url, connections: 8 })
    t.teardown(() => database.close())
    nodes.push({ database, store: createGenerationStore(database) })
  }
  const [first] = nodes
  if (first === undefined) throw new Error('no nodes')
  return { nodes, url, of: (index) => nodes[index % nodes.length] ?? first }
}

/** The outcomes of `count` writes that all nodes make at once. */
async function race<T>(
  count: number,
  of: (index: number) => Node,
  ask: (node: Node, index: number) => Promise<T>,
) {
  return await Promise.all(Array.from({ length: count }, (_, index) => ask(of(index), index)))
}

function counted(outcomes: ReadonlyArray<string | { type: string }>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const each of outcomes) {
    const type = typeof each === 'string' ? each : each.type
    counts[type] = (counts[type] ?? 0) + 1
  }
  return counts
}

const worst = aGeneration().plan.worstCaseCostMicros

function insert({ store }: Node, generation: Generation, limits: Partial<InsertLimits> = {}) {
  return store.insert(generation, {
    entries: [aLogEntry()],
    idempotency: null,
    limits: { ...unlimited, ...limits },
  })
}

const keyed = (index: number) => aGeneration({ key: `key_${index % 5}` })

t.test('inserts of one key on three nodes never exceed its budget', async (t) => {
  const { of, nodes } = await threeNodes(t)
  const limits = { monthlyBudgetMicros: worst * 20 + 1 }
  const outcomes = await race(150, of, (node) => insert(node, aGeneration(), limits))
  t.same(counted(outcomes), { inserted: 20, over_budget: 130 })
  const committed = await nodes[2]?.store.committedMicros('studio', 'key_studio', MONTH_START)
  t.equal(committed, worst * 20)
})

t.test('inserts of one key on three nodes never exceed its generations in flight', async (t) => {
  const { of } = await threeNodes(t)
  const outcomes = await race(150, of, (node) => insert(node, aGeneration(), { maxInFlight: 7 }))
  t.same(counted(outcomes), { inserted: 7, too_many_in_flight: 143 })
})

t.test('a key that had plenty of room never exceeds limits that are lower now', async (t) => {
  const { of, url } = await threeNodes(t)
  const plenty = { monthlyBudgetMicros: worst * 10_000, maxInFlight: 10_000 }
  const roomy = await race(90, of, (node) => insert(node, aGeneration(), plenty))
  t.same(counted(roomy), { inserted: 90 })
  const few = await race(90, of, (node) => insert(node, aGeneration(), { maxInFlight: 95 }))
  t.same(counted(few), { inserted: 5, too_many_in_flight: 85 })
  t.same(counted(await race(30, of, (node) => insert(node, aGeneration(), plenty))), { inserted: 30 })
  const limits = { monthlyBudgetMicros: worst * 130 }
  const over = await race(90, of, (node) => insert(node, aGeneration(), limits))
  t.same(counted(over), { inserted: 5, over_budget: 85 })
  t.equal(await of(1).store.committedMicros('studio', 'key_studio', MONTH_START), worst * 130)
  const [rows] = await server.query(url, 'select count(*)::int as n from generations')
  t.same(rows, { n: 130 }, 'nothing is left of those that did not fit')
})

t.test(
  'inserts of many keys never exceed the budget of their tenant, also where it was just set',
  async (t) => {
    const { of } = await threeNodes(t)
    const before = await race(15, of, (node, index) => insert(node, keyed(index)))
    t.same(counted(before), { inserted: 15 })
    const tenants = createTenantStore(of(0).database)
    await tenants.put('studio', { monthlyBudgetMicros: worst * 40 }, () => anAuditEntry())
    const outcomes = await race(150, of, (node, index) => insert(node, keyed(index)))
    t.same(counted(outcomes), { inserted: 25, over_tenant_budget: 125 })
    await tenants.put('studio', { monthlyBudgetMicros: null }, () => anAuditEntry())
    const after = await race(9, of, (node, index) => insert(node, keyed(index)))
    t.same(counted(after), { inserted: 9 })
  },
)

t.test('an idempotency key used on three nodes at once makes one generation', async (t) => {
  const { of, url } = await threeNodes(t)
  const outcomes = await race(120, of, ({ store }, index) => {
    const generation = aGeneration()
    const idempotency = { key: `order-${index % 10}`, requestHash: 'same', response: generation.id }
    return store.insert(generation, {
      entries: [aLogEntry()],
      idempotency,
      limits: { ...unlimited, maxInFlight: 8 },
    })
  })
  // A key whose insert was over the limit is free again.
  t.match(counted(outcomes), { inserted: 8 })
  const answers = outcomes.flatMap((each) => (each.type === 'key_used' ? [each.response] : []))
  const rows = await server.query(url, 'select id from generations')
  t.equal(rows.length, 8)
  t.same(
    new Set(answers),
    new Set(rows.map((row) => Object(row).id)),
    'every repetition got the answer of the one that was stored',
  )
})

t.test('a call that takes effect once is first on one node only', async (t) => {
  const { of } = await threeNodes(t)
  const outcomes = await race(60, of, ({ database }, index) =>
    createCallStore(database).reserve(
      {
        tenant: 'studio',
        keyHash: `hash-${index % 4}`,
        requestHash: 'same',
        subject: `subject-${index}`,
        at: START,
      },
      START - 1000,
    ),
  )
  t.equal(outcomes.filter(({ first }) => first).length, 4)
  t.equal(new Set(outcomes.map(({ subject }) => subject)).size, 4)
})

t.test('retries of a client are answered with creates of their own', async (t) => {
  const { of } = await threeNodes(t)
  const made = await race(12, of, async ({ store }) => {
    const generation = aGeneration()
    const create = { path: '/generate', requestHash: 'same' }
    await store.insert(generation, { entries: [], idempotency: null, limits: unlimited, create })
    return generation.id
  })
  const retry = {
    tenant: 'studio',
    key: 'key_studio',
    path: '/generate',
    requestHash: 'same',
    since: 0,
    retry: 1,
  }
  const found = await race(20, of, ({ store }) => store.takeRetried(retry))
  t.same(new Set(found.filter((id) => id !== null)), new Set(made))
  t.equal(found.filter((id) => id === null).length, 8)
})

t.test('claims of three nodes never overlap, and together take everything', async (t) => {
  const { of, nodes } = await threeNodes(t)
  await race(300, of, (node) => insert(node, aGeneration()))
  const owners = new Map<string, string>()
  let most = 0
  async function drain({ store }: Node, owner: string): Promise<void> {
    for (;;) {
      const claimed = await store.claimDue({ now: START, owner, leaseUntil: START + 60_000, limit: 20 })
      most = Math.max(most, claimed.length)
      for (const { generation } of claimed) {
        t.notOk(owners.has(generation.id), 'claimed once')
        owners.set(generation.id, owner)
      }
      if (claimed.length === 0) return
    }
  }
  await Promise.all(
    nodes.flatMap((node, index) => [drain(node, `node-${index}`), drain(node, `other-${index}`)]),
  )
  // A claim that skips what others are just taking may find nothing while some is left.
  for (const [index, node] of nodes.entries()) await drain(node, `node-${index}`)
  t.equal(owners.size, 300)
  t.ok(most <= 20, `${most} in one claim`)
  t.ok(new Set(owners.values()).size > 2, 'several nodes took part')
})

t.test('a node whose lease was taken over writes nothing', async (t) => {
  const { of, url } = await threeNodes(t)
  const generation = aGeneration()
  await insert(of(0), generation)
  const [claimed] = await of(0).store.claimDue({
    now: START,
    owner: 'stopped',
    leaseUntil: START + 10,
    limit: 1,
  })
  const [taken] = await of(1).store.claimDue({
    now: START + 10,
    owner: 'other',
    leaseUntil: START + 99,
    limit: 1,
  })
  t.same(taken?.generation.id, generation.id)
  const next = { ...generation, status: 'in_progress' as const, attempts: [anAttempt()] }
  const terms = { version: claimed?.version ?? 0, entries: [aLogEntry({ type: 'attempt.started' })] }
  const audit = anAuditEntry({ subject: 'of the node that was stopped' })
  const lease = { owner: 'stopped', release: false }
  t.equal(await of(0).store.save(next, { ...terms, lease, audit }), 'lease_lost')
  for (const table of ['attempts', 'audit', 'deliveries'])
    t.same(await server.query(url, `select * from ${table}`), [], `nothing in ${table}`)
  t.equal((await server.query(url, 'select * from events')).length, 1)
  t.equal(await of(1).store.save(next, { ...terms, lease: { owner: 'other', release: true } }), 'saved')
})

/** Generations that start an attempt at one upstream, all at once. */
async function starts(t: Test, terms: Partial<SaveTerms>): Promise<Record<string, number>> {
  const { of } = await threeNodes(t)
  const queued = await race(60, of, async (node) => {
    const generation = aGeneration()
    await insert(node, generation)
    return generation
  })
  const outcomes = await race(60, of, ({ store }, index) => {
    const generation = queued[index] ?? aGeneration()
    const next = {
      ...generation,
      status: 'in_progress' as const,
      attempts: [anAttempt({ state: 'submitting' })],
    }
    return store.save(next, { version: 1, entries: [], lease: null, ...terms })
  })
  return counted(outcomes)
}

t.test('attempts that start on three nodes never take more slots than an upstream has', async (t) => {
  const slot = { upstream: 'reseller-a', limit: 9, at: START }
  t.same(await starts(t, { slot }), { saved: 9, no_slot: 51 })
})

t.test('attempts that start on three nodes never exceed the daily cap of an upstream', async (t) => {
  const dayStart = START - (START % 86_400_000)
  const spendLimit = { upstream: 'reseller-a', capMicros: 120_000 * 11, dayStart, micros: 120_000 }
  t.same(await starts(t, { spendLimit }), { saved: 11, over_spend_cap: 49 })
})

t.test('one job of a vendor is taken by one attempt', async (t) => {
  const { of } = await threeNodes(t)
  const queued = await race(12, of, async (node) => {
    const generation = aGeneration()
    await insert(node, generation)
    return generation
  })
  const outcomes = await race(12, of, ({ store }, index) => {
    const attempt = anAttempt({ upstreamId: 'job-1' })
    const claim = { attemptId: attempt.id, upstream: attempt.upstream, upstreamId: 'job-1' }
    const next = { ...(queued[index] ?? aGeneration()), attempts: [attempt] }
    return store.save(next, { version: 1, entries: [], lease: null, claim })
  })
  t.same(counted(outcomes), { saved: 1, conflict: 11 })
})

function start({ store }: Node, generation: Generation) {
  const unlessPaused = { upstream: 'reseller-a', at: START }
  const next = { ...generation, attempts: [anAttempt()] }
  return store.save(next, { version: 1, entries: [], lease: null, unlessPaused })
}

t.test('a pause is stored once no start is under way that did not see it', async (t) => {
  const { of, nodes } = await threeNodes(t)
  const [first, second] = [aGeneration(), aGeneration()]
  for (const generation of [first, second]) await insert(of(0), generation)
  const held = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const holding = of(2).database.write(
    async (transaction) => {
      await transaction
        .selectFrom('generations')
        .select('id')
        .where('id', '=', first.id)
        .forUpdate()
        .execute()
      held.resolve()
      await go.promise
    },
    { locks: [] },
  )
  await held.promise
  const order: string[] = []
  // It has looked for a pause, and waits for the row.
  const saving = start(of(0), first).then((outcome) => order.push(outcome))
  await waitsForRow(nodes)
  const pause = { target: 'reseller-a', reason: 'bill', since: START, until: null, by: 'ops' }
  const pausing = createPauseStore(of(1).database)
    .put(pause, anAuditEntry())
    .then(() => order.push('paused'))
  await new Promise((resolve) => setTimeout(resolve, 300))
  go.resolve()
  await Promise.all([holding, saving, pausing])
  t.same(order, ['saved', 'paused'])
  t.equal(await start(of(2), second), 'paused')
})

async function waitsForRow([node]: Node[]): Promise<void> {
  for (;;) {
    const rows = await node?.database.report([
      {
        sql: "select 1 from pg_stat_activity where datname = current_database() and wait_event = 'transactionid'",
        parameters: [],
      },
    ])
    if (rows?.[0]?.length === 1) return
  }
}

t.test('claims, saves and renewals of three nodes do not wait for each other in a circle', async (t) => {
  const { of, nodes, url } = await threeNodes(t)
  await race(240, of, (node, index) =>
    insert(node, aGeneration({ key: `key_${index % 6}` }), { maxInFlight: 999 }),
  )
  await Promise.all(
    nodes.map(async ({ store }, index) => {
      const owner = `node-${index}`
      for (let round = 0; round < 6; round++) {
        const now = START + round * 1000
        const claimed = await store.claimDue({ now, owner, leaseUntil: now + 500, limit: 60 })
        const ids = claimed.map(({ generation }) => generation.id)
        const saves = claimed.map(({ generation, version }) => {
          const attempts = [anAttempt({ upstream: `upstream-${round % 2}` }), ...generation.attempts]
          const next = { ...generation, status: 'in_progress' as const, attempts, dueAt: now + 1000 }
          const entries = [aLogEntry({ type: 'attempt.progress' })]
          return store.save(next, { version, entries, lease: { owner, release: round % 2 === 0 } })
        })
        await Promise.all([
          ...saves,
          store.renew(ids.toReversed(), owner, now + 700),
          store.renew(ids, owner, now + 900),
          ...ids.slice(0, 5).map((id) => store.release(id, owner)),
        ])
      }
    }),
  )
  const name = new URL(url).pathname.slice(1)
  const [row] = await server.query(url, `select deadlocks from pg_stat_database where datname = '${name}'`)
  t.same(row, { deadlocks: '0' })
})
