import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { sql } from 'kysely'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import { createSharedRates } from '../../src/gateway/storage/limits/shared-rates.ts'
import type { Database } from '../../src/gateway/storage/engine/database.ts'
import { createSharedRequestCounts } from '../../src/gateway/storage/limits/shared-request-counts.ts'
import { createSharedNodes } from '../../src/gateway/storage/fleet/shared-nodes.ts'
import { createNodeService } from '../../src/gateway/services/operations/node-service.ts'
import { nodeTimes } from '../../src/gateway/domain/fleet/node.ts'
import type { FleetNode } from '../../src/gateway/domain/fleet/node.ts'
import { createLogger } from '../../src/gateway/process/logger.ts'
import { nodeRegistryContract } from '../contract/node-registry.suite.ts'
import { keyRateContract } from '../contract/key-rate.suite.ts'
import { upstreamRatesContract } from '../contract/upstream-rates.suite.ts'
import { createHeldClock } from '../fixtures/held-clock.ts'
import { postgresDatabases } from './databases.ts'
import { skipsPostgres } from './server.ts'

const nodeCount = 3

function aNode(id: string): FleetNode {
  return {
    id,
    role: 'worker',
    version: '0.1.0',
    digest: '00',
    sharedDigest: '00',
    address: null,
    startedAt: 0,
  }
}

/** The clock of the server stands still, and is set with that of the nodes. */
async function holdClock(database: Database, now: number): Promise<(now: number) => Promise<void>> {
  await database.write(async (transaction) => {
    await sql`create table held_clock (ms double precision not null)`.execute(transaction)
    await sql`insert into held_clock values (${now})`.execute(transaction)
    await sql
      .raw(
        `create or replace function database_ms() returns double precision language sql volatile
          as 'select ms from held_clock'`,
      )
      .execute(transaction)
  })
  return (next) =>
    database.write(async (transaction) => {
      await sql`update held_clock set ms = ${next}`.execute(transaction)
    })
}

t.test('what nodes over one PostgreSQL count together', { skip: skipsPostgres() }, async (t) => {
  const { create } = await postgresDatabases(t)

  async function nodes(t: Test): Promise<Database[]> {
    const url = await create()
    const opened = []
    for (let n = 0; n < nodeCount; n++) opened.push(await openPostgres({ url, connections: 5 }))
    for (const each of opened) t.teardown(() => each.close())
    return opened
  }

  upstreamRatesContract(t, async (t) => {
    const databases = await nodes(t)
    const held = createHeldClock()
    const { clock } = held
    const [first] = databases
    if (first === undefined) throw new Error('no node')
    const hold = await holdClock(first, clock.now())
    return {
      nodes: databases.flatMap(({ counters }) =>
        counters === null ? [] : [createSharedRates(counters, clock)],
      ),
      now: () => clock.now(),
      async set(now) {
        held.set(now - clock.now())
        await hold(now)
      },
    }
  })

  keyRateContract(t, async (t) =>
    (await nodes(t)).flatMap(({ counters }) =>
      counters === null ? [] : [createSharedRequestCounts(counters, createHeldClock().clock)],
    ),
  )

  t.test('a minute of a key ends by the clock of the server, also one that was set back', async (t) => {
    const [database] = await nodes(t)
    if (database?.counters == null) throw new Error('no counters')
    const now = 1_800_000_000_000
    const hold = await holdClock(database, now)
    const counts = createSharedRequestCounts(database.counters, createHeldClock().clock)
    t.same(await counts.add('studio', 60_000), { total: 1, leftMs: 60_000 })
    await hold(now + 59_999)
    t.same(await counts.add('studio', 60_000), { total: 2, leftMs: 1 })
    await hold(now + 60_000)
    t.same(await counts.add('studio', 60_000), { total: 1, leftMs: 60_000 })
    await hold(now - 3_600_000)
    t.same(await counts.add('studio', 60_000), { total: 1, leftMs: 60_000 })
  })

  t.test('keys that are not used for a day leave no row behind', async (t) => {
    const [database] = await nodes(t)
    if (database?.counters == null) throw new Error('no counters')
    const now = 1_800_000_000_000
    const hold = await holdClock(database, now)
    const held = createHeldClock()
    const counts = createSharedRequestCounts(database.counters, held.clock)
    const names = async () => {
      const { rows } = await sql<{ name: string }>`select name from request_counts order by name`.execute(
        database.read,
      )
      return rows.map(({ name }) => name)
    }
    await counts.add('unused', 60_000)
    await hold(now + 12 * 3_600_000)
    await counts.add('recent', 60_000)
    await hold(now + 25 * 3_600_000)
    held.set(59 * 60_000)
    await counts.add('studio', 60_000)
    t.same(await names(), ['recent', 'studio', 'unused'], 'once an hour')
    held.set(60_000)
    await counts.add('studio', 60_000)
    for (let tries = 0; (await names()).length === 3 && tries < 1000; tries++) await pause(5)
    t.same(await names(), ['recent', 'studio'])
  })

  nodeRegistryContract(t, async (t) => {
    const databases = await nodes(t)
    const held = createHeldClock()
    const { clock } = held
    const [first] = databases
    if (first === undefined) throw new Error('no node')
    const hold = await holdClock(first, clock.now())
    return {
      registries: databases.flatMap(({ counters }) =>
        counters === null ? [] : [createSharedNodes(counters, clock)],
      ),
      now: () => clock.now(),
      async set(now) {
        held.set(now - clock.now())
        await hold(now)
      },
    }
  })

  t.test(
    'a node whose clock differs is told so once, and all see it; one that was silent is forgotten',
    async (t) => {
      const [database] = await nodes(t)
      if (database?.counters == null) throw new Error('no counters')
      const now = 1_800_000_000_000
      const hold = await holdClock(database, now)
      const lines: string[] = []
      const skewed = createNodeService({
        registry: createSharedNodes(database.counters, { now: () => now + 1500 }),
        self: () => aNode('fast'),
        logger: createLogger('warn', { write: (line) => lines.push(line) }),
      })
      await skewed.beat()
      await skewed.beat()
      t.equal(lines.length, 1)
      t.match(JSON.parse(lines[0] ?? ''), { seconds: 1.5 })
      t.match(await skewed.list(), [{ clockSkewMs: 1500, skewed: true, silent: false, isSelf: true }])
      await hold(now + nodeTimes.silent + 1)
      t.match(await skewed.list(), [{ silent: true }])
      await hold(now + nodeTimes.forgotten + 1)
      const other = createSharedNodes(database.counters, { now: () => now + nodeTimes.forgotten + 1 })
      await other.beat(aNode('other'))
      t.match(await other.list(), { nodes: [{ id: 'other' }] })
      t.equal((await other.list()).nodes.length, 1)
    },
  )

  t.test('by the clock of the server, whatever those of the nodes say', async (t) => {
    const databases = await nodes(t)
    const rate = { intervalMs: 60_000, burst: 1 }
    const answers = []
    for (const [index, { counters }] of databases.entries()) {
      const now = Date.now() + (index - 1) * 3_600_000
      if (counters === null) throw new Error('no counters')
      const answer = await createSharedRates(counters, { now: () => now }).admit('reseller-a', 'create', rate)
      answers.push(answer === null ? null : answer - now)
    }
    const [first, ...others] = answers
    t.equal(first, null)
    t.ok(
      others.every((wait) => wait !== null && wait > 50_000 && wait <= 60_000),
      'each waits by its own clock for what is left by that of the server',
    )
  })

  t.test('calls that come at once share statements', async (t) => {
    const [database] = await nodes(t)
    const counters = database?.counters
    if (counters == null) throw new Error('no counters')
    let asked = 0
    const counted = counters.withPlugin({
      transformQuery: ({ node }) => {
        asked++
        return node
      },
      transformResult: async ({ result }) => result,
    })
    const rates = createSharedRates(counted, { now: () => Date.now() })
    const rate = { intervalMs: 1, burst: 1000 }
    const answers = await Promise.all(
      Array.from({ length: 500 }, () => rates.admit('reseller-a', 'poll', rate)),
    )
    t.ok(answers.every((answer) => answer === null))
    t.equal(asked, 1)
  })
})
