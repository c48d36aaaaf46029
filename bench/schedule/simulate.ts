import { sql } from 'kysely'
import { z } from 'zod'
import type { Clock } from '../../src/gateway/ports/clock.ts'
import { createIds } from '../../src/gateway/process/ids.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { correctSlots } from '../../src/gateway/storage/postgres/check-slots.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import { START } from '../../test/fixtures/generation.ts'
import type { PostgresServer } from '../../test/postgres/server.ts'
import { percentile } from '../figures.ts'
import { copyGeneration } from './copies.ts'
import { createWorker } from './life.ts'
import { aRequest, submit } from './requests.ts'
import { countStatements, serverFigures } from './server-figures.ts'
import type { ServerFigures } from './server-figures.ts'
import { createVendors } from './vendors.ts'

export interface Simulated {
  inFlight: number
  /** Lives that ended while it was measured, and as many that began. */
  lives: number
  /** Wall time that was measured, and how far the clock of the simulation went. */
  seconds: number
  simulatedSeconds: number
  steps: number
  perLife: {
    cpuMs: number
    wallMs: number
    nodeCpuMs: number
    statements: number
    commits: number
    updates: number
    hotUpdates: number
    walBytes: number
  }
  /** Of one claim: milliseconds, and generations. */
  claims: { count: number; p50: number; p99: number; rows: number }
  /** Counts of the slots in use, and what one took of the server: milliseconds, and pages read. */
  slotCounts: { count: number; ms: number; pages: number }
  /** What it took to make the rows. */
  copySeconds: number
  before: ServerFigures
  after: ServerFigures
}

const counting = countStatements()
/** How often a worker looks for work by the simulated clock: about as often as one that is never idle. */
const turnMs = 50
const second = 1000
const everyMs = 60 * second
const jobMs = 300 * second

/**
 * Keeps `inFlight` generations in flight: for each that ends, one is accepted. The clock goes on once nothing is due. Upstreams
 * take as many jobs as they have now, and a quarter more polls than these need.
 */
export async function simulate(
  server: PostgresServer,
  of: { inFlight: number; upstreams: number; seconds: number; warmUpSeconds: number; budget: number },
): Promise<Simulated> {
  const { inFlight, upstreams, seconds, warmUpSeconds, budget } = of
  const url = await server.database(`in_flight_${inFlight}_${Date.now()}`)
  await using database = await openPostgres({ url })
  // The clock that the nodes go by for the rates of upstreams is the simulated one, too.
  await server.query(
    url,
    `create unlogged table simulated_clock as select ${START}::double precision as ms;
    create or replace function database_ms() returns double precision language sql volatile as
      $$ select ms from simulated_clock $$`,
  )
  let now = START
  const clock: Clock = { now: () => now }
  const pass = async (ms: number): Promise<void> => {
    now += ms
    await database.write((transaction) => sql`update simulated_clock set ms = ${now}`.execute(transaction))
  }
  const ids = createIds(clock)
  const stored = createGenerationStore(database)
  const claims = { ms: new Array<number>(), rows: 0 }
  let counts = 0
  const store: typeof stored = {
    ...stored,
    async claimDue(claim) {
      const began = performance.now()
      const claimed = await stored.claimDue(claim)
      if (claimed.length > 0) claims.ms.push(performance.now() - began)
      claims.rows += claimed.length
      return claimed
    },
    slotsTaken(at) {
      counts += 1
      return stored.slotsTaken(at)
    },
  }
  const each = inFlight / upstreams
  const directory = createVendors(clock, {
    upstreams,
    maxInFlight: Math.ceil(each) + 100,
    pollsPerSecond: Math.max(1, (each / (everyMs / second)) * budget),
    everyMs,
    jobMs,
  })
  let ended = 0
  const loop = await createWorker({
    database,
    store,
    directory,
    clock,
    owner: 'node-1',
    ended: () => void (ended += 1),
  })
  const original = aRequest(0, { clock, ids, upstreams })
  await submit(store, original, { ids })
  while ((await loop.tick()) > 0);
  const copyingFrom = performance.now()
  await copyGeneration(server, url, original.id, {
    count: inFlight - 1,
    upstreams,
    madeAt: START,
    everyMs,
    jobMs,
  })
  await database.write((transaction) => correctSlots(transaction))
  await server.query(url, 'vacuum (analyze)')
  await server.query(url, 'checkpoint')
  const copySeconds = (performance.now() - copyingFrom) / second

  let accepted = 0
  let steps = 0
  const turn = async (): Promise<void> => {
    const worked = await loop.tick()
    steps += worked
    const due = ended - accepted
    accepted = ended
    const requests = Array.from({ length: due }, (_, index) =>
      aRequest(inFlight + ended - index, { clock, ids, upstreams }),
    )
    await Promise.all(requests.map((request) => submit(store, request, { ids })))
    if (worked === 0) await pass(turnMs)
  }
  const runFor = async (ms: number): Promise<void> => {
    const until = performance.now() + ms
    while (performance.now() < until) await turn()
  }

  await runFor(warmUpSeconds * second)
  const before = await serverFigures(server, url)
  const sentBefore = counting.sent()
  const nodeBefore = process.cpuUsage()
  const began = performance.now()
  const simulatedFrom = now
  ended = accepted = steps = counts = claims.rows = 0
  claims.ms.length = 0
  await runFor(seconds * second)
  const wallMs = performance.now() - began
  const node = process.cpuUsage(nodeBefore)
  const sent = counting.sent() - sentBefore
  const after = await serverFigures(server, url)
  const lives = Math.max(1, ended)
  const count = await costOf(server, url, `select * from count_slots(${now})`)
  const grown = (figure: (of: ServerFigures) => number) => (figure(after) - figure(before)) / lives
  const sum = (figure: (table: ServerFigures['tables'][number]) => number) =>
    grown(({ tables }) => tables.reduce((total, table) => total + figure(table), 0))
  return {
    inFlight,
    lives: ended,
    seconds: wallMs / second,
    simulatedSeconds: (now - simulatedFrom) / second,
    steps,
    perLife: {
      cpuMs: grown(({ cpuMs }) => cpuMs),
      wallMs: wallMs / lives,
      nodeCpuMs: (node.user + node.system) / 1000 / lives,
      statements: sent / lives,
      commits: grown(({ commits }) => commits),
      updates: sum(({ updates }) => updates),
      hotUpdates: sum(({ hot_updates: hot }) => hot),
      walBytes: grown(({ walBytes }) => walBytes),
    },
    claims: {
      count: claims.ms.length,
      p50: percentile(claims.ms, 0.5),
      p99: percentile(claims.ms, 0.99),
      rows: claims.rows / claims.ms.length,
    },
    slotCounts: { count: counts, ...count },
    copySeconds,
    before,
    after,
  }
}

const explained = z.tuple([
  z.object({
    'QUERY PLAN': z.tuple([
      z.object({
        'Execution Time': z.number(),
        Plan: z.object({ 'Shared Hit Blocks': z.number(), 'Shared Read Blocks': z.number() }),
      }),
    ]),
  }),
])

/** Of one statement, in a session of its own. */
async function costOf(
  server: PostgresServer,
  url: string,
  query: string,
): Promise<{ ms: number; pages: number }> {
  const rows = await server.query(url, `explain (analyze, buffers, timing off, format json) ${query}`)
  const [{ Plan: plan, 'Execution Time': ms }] = explained.parse(rows)[0]['QUERY PLAN']
  return { ms, pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] }
}
