/**
 * Claims and settles on PostgreSQL beside the same statements under pgbench, and one hot key with and without a budget;
 * docs/BENCHMARKS.md. Exits 1 below the floors.
 */
import { chmodSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ulid } from 'ulid'
import { z } from 'zod'
import type { Generation } from '../src/gateway/domain/generation/generation.ts'
import type { AttemptId, GenerationId } from '../src/gateway/domain/ids.ts'
import type { GenerationStorage } from '../src/gateway/ports/generations/generation-storage.ts'
import { createGenerationStore } from '../src/gateway/storage/generations/generation-store.ts'
import { openPostgres } from '../src/gateway/storage/postgres/open-postgres.ts'
import { shareConnections } from '../src/gateway/storage/postgres/postgres-settings.ts'
import { aGeneration, aLogEntry, anAttempt, START } from '../test/fixtures/generation.ts'
import { startPostgres } from '../test/postgres/server.ts'
import { median, table } from './figures.ts'
import { findPgbench, pgbench, scriptOf } from './postgres/pgbench.ts'
import { recorded } from './postgres/recorded.ts'

const flags = {
  passes: { type: 'string', default: '5' },
  claims: { type: 'string', default: '10000' },
  settles: { type: 'string', default: '2000' },
  seconds: { type: 'string', default: '3' },
} as const
const positive = z.coerce.number().int().positive()
const { passes, claims, settles, seconds } = z
  .object({ passes: positive, claims: positive, settles: positive, seconds: positive })
  .parse(parseArgs({ options: flags }).values)

const floors = { claims: 0.8, settles: 0.8, 'hot key': 0.5 }
const connections = 10
const clients = shareConnections(connections).writes
/** As many rows as one claim of a worker with the default concurrency asks for. */
const batch = 50
/** Steps that a node takes at a time. */
const atOnce = 64
const owner = 'node-1'
const leaseUntil = START + 3_600_000

const say = (text: string): void => void process.stdout.write(`${text}\n`)
// oxlint-disable-next-line node/no-process-env
const program = findPgbench(process.env['PATH'] ?? '')
if (program === null) throw new Error('pgbench is missing. Install the package postgresql (Debian).')

const folder = await mkdtemp(join(tmpdir(), 'understudy-pgbench-'))
chmodSync(folder, 0o700)
const server = await startPostgres({ shared_buffers: '256MB' })
async function end(): Promise<void> {
  await server.remove()
  rmSync(folder, { recursive: true, force: true })
}
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void end().then(() => process.exit(130)))

const url = await server.database('bench')
const nodes = await Promise.all([1, 2, 3].map(() => openPostgres({ url, connections })))
const stores = nodes.map(createGenerationStore)
const [store] = stores
if (store === undefined) throw new Error('no store')

const idOf = (number: number): GenerationId => `gen_${String(number).padStart(26, '0')}`
const attemptOf = (number: number): AttemptId => `att_${String(number).padStart(26, '0')}`
const unlimited = { monthStart: START, monthlyBudgetMicros: null, maxInFlight: null }

/** Copies of one generation, from a number on, that are due. */
async function fill(from: number, count: number, leased: boolean): Promise<void> {
  const columns = `tenant, key, status, created_at, due_at, due_pool, expires_at, version, last_seq, headroom_micros`
  const lease = leased ? `'${owner}', ${leaseUntil}` : 'null, null'
  await server.query(
    url,
    `insert into generations (id, doc, lease_owner, lease_until, ${columns})
      select copy.id, replace(doc, '${idOf(0)}', copy.id), ${lease}, ${columns} from generations,
        (select 'gen_' || lpad(n::text, 26, '0') as id from generate_series(${from}, ${from + count - 1}) n) copy
      where generations.id = '${idOf(0)}'`,
  )
  await server.query(url, 'vacuum analyze generations')
}

async function inParallel(loops: number, loop: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: loops }, loop))
}

/** Claims everything that is due, and returns the rows per second. */
async function claimAll(): Promise<number> {
  let rows = 0
  const started = performance.now()
  await inParallel(clients, async () => {
    for (;;) {
      const claimed = await store?.claimDue({ now: START, owner, leaseUntil, limit: batch })
      if (claimed === undefined || claimed.length === 0) return
      rows += claimed.length
    }
  })
  return rows / ((performance.now() - started) / 1000)
}

async function releaseEverything(): Promise<void> {
  await server.query(url, 'update generations set lease_owner = null, lease_until = null where version = 1')
  await server.query(url, 'vacuum analyze generations')
}

/** A generation that an attempt of this number completed. */
function settled(number: number): Generation {
  const attempt = anAttempt({
    id: attemptOf(number),
    state: 'succeeded',
    costMicros: 120_000,
    costState: 'settled',
    delivered: true,
    endedAt: START + 60_000,
  })
  return aGeneration({
    id: idOf(number),
    status: 'completed',
    progress: 100,
    attempts: [attempt],
    dueAt: null,
  })
}

async function settle(number: number): Promise<void> {
  const entries = [aLogEntry({ type: 'generation.completed' })]
  const outcome = await store?.save(settled(number), { version: 1, entries, lease: { owner, release: true } })
  if (outcome !== 'saved') throw new Error(`a settle was answered with ${outcome}`)
}

async function settleAll(from: number): Promise<number> {
  let next = from
  const started = performance.now()
  await inParallel(atOnce, async () => {
    while (next < from + settles) await settle(next++)
  })
  return settles / ((performance.now() - started) / 1000)
}

async function hotKey(limits: { monthlyBudgetMicros: number | null }): Promise<number> {
  const until = performance.now() + seconds * 1000
  let inserted = 0
  const insertSome = async (node: GenerationStorage) => {
    while (performance.now() < until) {
      const generation = aGeneration({ id: `gen_${ulid().toLowerCase()}`, dueAt: null })
      await node.insert(generation, {
        entries: [aLogEntry()],
        idempotency: null,
        limits: { ...unlimited, ...limits },
      })
      inserted++
    }
  }
  await Promise.all(stores.map((node) => inParallel(atOnce, () => insertSome(node))))
  return inserted / seconds
}

const template = aGeneration({ id: idOf(0) })
await store.insert(template, { entries: [aLogEntry()], idempotency: null, limits: unlimited })
// The first claims and settles of a connection prepare their statements; the third time they are in full swing.
await fill(1, 400, false)
await claimAll()
for (let number = 1; number < 400; number++) await settle(number)
let next = 401
const settleScript = scriptOf(
  await recorded(() => settle(400)),
  new Map([
    [idOf(400), `('gen_' || lpad(:n::text, 26, '0'))`],
    [attemptOf(400), `('att_' || lpad(:n::text, 26, '0'))`],
    [`job-of-${attemptOf(400)}`, `('job-' || :n)`],
  ]),
)
const claim = () => store.claimDue({ now: START, owner, leaseUntil, limit: batch })
await server.query(
  url,
  `update generations set lease_owner = null, lease_until = null where id = '${idOf(0)}'`,
)
const claimScript = scriptOf(await recorded(claim), new Map())

const measured = {
  claims: new Array<[number, number]>(),
  settles: new Array<[number, number]>(),
  'hot key': new Array<[number, number]>(),
}
const at = { url, folder, clients }
await fill(next, claims, false)
const claimable = next
next += claims
for (let pass = 0; pass < passes; pass++) {
  await releaseEverything()
  const ours = await claimAll()
  await releaseEverything()
  const each = Math.floor(claims / batch / clients)
  const theirs = (await pgbench(program, claimScript, { ...at, each, base: 0 })) * batch
  measured.claims.push([ours, theirs])
}
await server.query(url, `delete from generations where id >= '${idOf(claimable)}' and version = 1`)
for (let pass = 0; pass < passes; pass++) {
  await fill(next, settles * 2, true)
  const ours = await settleAll(next)
  const theirs = await pgbench(program, settleScript, {
    ...at,
    each: Math.floor(settles / clients),
    base: next + settles,
  })
  measured.settles.push([ours, theirs])
  next += settles * 2
}
for (let pass = 0; pass < passes; pass++) {
  const budgeted = await hotKey({ monthlyBudgetMicros: 1e15 })
  measured['hot key'].push([budgeted, await hotKey({ monthlyBudgetMicros: null })])
}

const other = { claims: 'pgbench', settles: 'pgbench', 'hot key': 'no budget' }
const figures = (['claims', 'settles', 'hot key'] as const).map((name) => {
  const ratios = measured[name].map(([ours, theirs]) => ours / theirs)
  return {
    name,
    ours: median(measured[name].map(([ours]) => ours)),
    theirs: median(measured[name].map(([, theirs]) => theirs)),
    ratios,
    ratio: median(ratios),
  }
})
say(
  table(
    ['per second', 'gateway', 'other', 'compared with', 'least', 'ratio', 'most'],
    figures.map(({ name, ours, theirs, ratios, ratio }) => [
      name,
      ours.toFixed(0),
      theirs.toFixed(0),
      other[name],
      Math.min(...ratios).toFixed(2),
      ratio.toFixed(2),
      Math.max(...ratios).toFixed(2),
    ]),
  ),
)
for (const node of nodes) await node.close()
await end()
process.exitCode = figures.every(({ name, ratio }) => ratio >= floors[name]) ? 0 : 1
