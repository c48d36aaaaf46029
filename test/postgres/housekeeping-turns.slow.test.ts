import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import t from 'tap'
import type { Test } from 'tap'
import { z } from 'zod'
import { houseworks } from '../../src/gateway/domain/fleet/housework.ts'
import { inTurn } from '../../src/gateway/services/fleet/in-turn.ts'
import { createSharedTurns } from '../../src/gateway/storage/fleet/shared-turns.ts'
import { mergeTotals } from '../../src/gateway/storage/postgres/merge-totals.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { configText, reverse } from '../e2e/gateway.ts'
import { postgresDatabases } from './databases.ts'
import { startNode } from './node-process.ts'
import type { NodeProcess } from './node-process.ts'
import { skipsPostgres } from './server.ts'

const turnMs = 60_000
/** Five seconds of the turn, and what a busy machine needs. */
const patienceMs = 30_000
/** How often a node asks for the turn of the most frequent work. */
const askEveryMs = 1000
const holder = z.tuple([z.object({ node: z.string() })])

t.test('housekeeping of the nodes of one database', { skip: skipsPostgres() }, async (t) => {
  const { server, open, create } = await postgresDatabases(t)

  /** Two nodes, who note their rounds, with a clock of the server that is set by hand. */
  async function twoNodes(t: Test) {
    const database = await open(t)
    const { counters } = database
    if (counters === null) throw new Error('a server counts')
    const set = (ms: number) =>
      sql
        .raw(
          `create or replace function database_ms() returns double precision language sql as 'select ${ms}.0::float8'`,
        )
        .execute(counters)
    await set(0)
    const rounds: string[] = []
    const nodeOf = (name: string) => {
      const turns = createSharedTurns(counters, name)
      const part = async () => rounds.push(name)
      return { turns, round: inTurn(turns, { work: 'expired', forMs: turnMs }, part) }
    }
    return { a: nodeOf('a'), b: nodeOf('b'), set, rounds }
  }

  await t.test('of nodes that ask at once, one does a round, and keeps doing it', async (t) => {
    const { a, b, set, rounds } = await twoNodes(t)
    await Promise.all([a, b, a, b, a, b].map(({ round }) => round()))
    const [first] = rounds
    t.strictSame(rounds, [first, first, first])
    const [one, other] = first === 'a' ? [a, b] : [b, a]
    for (let round = 1; round <= 5; round++) {
      await set(round * (turnMs - 1))
      t.equal(await other.round(), 0, 'the other has nothing to do')
      t.not(await one.round(), 0)
    }
  })

  await t.test(
    'a node that asks no more is followed after its turn, and leaves the rest to who follows',
    async (t) => {
      const { a, b, set, rounds } = await twoNodes(t)
      await a.round()
      await set(turnMs)
      t.equal(await b.round(), 0, 'not before')
      await set(turnMs + 1)
      await b.round()
      t.equal(await a.round(), 0, 'it was stopped in between')
      t.strictSame(rounds, ['a', 'b'])
    },
  )

  await t.test(
    'after an orderly stop the next one need not wait; each kind of work has its own turn',
    async (t) => {
      const { a, b, rounds } = await twoNodes(t)
      await a.round()
      t.equal(await b.turns.take('orphans', turnMs), true)
      t.equal(await a.turns.take('orphans', turnMs), false)
      await a.turns.leave()
      await b.round()
      t.strictSame(rounds, ['a', 'b'])
      t.equal(await a.turns.take('orphans', turnMs), false, 'only its own turns are over')
    },
  )

  await t.test('nobody waits for a node that stands still while it merges totals', async (t) => {
    const url = await create()
    await using stopped = await openPostgres({ url, connections: 5 })
    await using other = await openPostgres({ url, connections: 5 })
    const merging = Promise.withResolvers<void>()
    const over = Promise.withResolvers<void>()
    const stands = stopped.write(async (transaction) => {
      await sql`select pg_advisory_xact_lock(hashtextextended('merge_totals', 0))`.execute(transaction)
      merging.resolve()
      await over.promise
    })
    await merging.promise
    t.equal(await mergeTotals(other), 0)
    over.resolve()
    await stands
  })

  await t.test('what a stopped node did for all goes on at another one', async (t) => {
    const url = await create()
    const simulator = await startSimulator({ upstreams: [reverse] })
    t.teardown(() => simulator.close())
    const text = configText(simulator, [reverse], t.testdir({}), {
      storage: { url, connections: 5, standby: 'none' },
    })
    const nodes: NodeProcess[] = []
    t.teardown(() => nodes.forEach(({ child }) => child.kill('SIGKILL')))
    for (const node of await Promise.all([startNode(text, 'first'), startNode(text, 'first')])) {
      if (typeof node === 'string') throw new Error(node)
      nodes.push(node)
    }
    const whose = async () => {
      const rows = await server.query(url, `select node from housekeeping_turns where work = 'ended_keys'`)
      if (rows.length === 0) return null
      const [{ node }] = holder.parse(rows)
      return nodes.find(({ child }) => node.includes(`-${child.pid}-`)) ?? null
    }
    await until('a node has the turn', async () => (await whose()) !== null)
    const stopped = await whose()
    const other = nodes.find((each) => each !== stopped)
    if (other === undefined) throw new Error('there are two')
    const works = 'select count(*)::int as works, count(distinct node)::int as nodes from housekeeping_turns'
    await until('all kinds of work are done', async () => {
      const [row] = z.array(z.object({ works: z.number() })).parse(await server.query(url, works))
      return row?.works === houseworks.length
    })

    stopped?.child.kill('SIGSTOP')
    const begun = performance.now()
    await until('the other node has the turn', async () => (await whose()) === other)
    t.comment(`after ${Math.round(performance.now() - begun)} ms`)
    stopped?.child.kill('SIGCONT')
    // An answer shows that it runs again; then it asks at least once.
    await fetch(`${stopped?.address}/health/live`)
    await pause(askEveryMs)
    t.equal(await whose(), other, 'who was stopped does not take it back')
  })
})

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${patienceMs} ms`)
    await pause(100)
  }
}
