/**
 * What more than one core of one machine is worth, by how the gateway is divided over them: accepts, reads, and accepts with
 * their creates; docs/BENCHMARKS.md. Linux, with Debian's package `wrk`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { startPostgres } from '../test/postgres/server.ts'
import type { PostgresServer } from '../test/postgres/server.ts'
import { startChild } from './child.ts'
import type { Child } from './child.ts'
import { measure, users } from './cores/measure.ts'
import type { Figures, User } from './cores/measure.ts'
import { mostPerSecond } from './cores/most-per-second.ts'
import { setUps } from './cores/set-ups.ts'
import type { SetUp } from './cores/set-ups.ts'
import { median, table } from './figures.ts'

/** What is asked for. The last needs workers, too. */
const kinds = ['accept', 'read', 'send']

const flags = {
  directory: { type: 'string', default: tmpdir() },
  only: { type: 'string', multiple: true, default: kinds },
  'set-up': { type: 'string', multiple: true, default: Object.keys(setUps) },
  rounds: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '2' },
  'warm-up': { type: 'string', default: '1' },
  connections: { type: 'string', default: '50' },
  json: { type: 'string' },
} as const
const positive = z.coerce.number().int().positive()
const given = z
  .object({
    directory: z.string(),
    only: z.array(z.enum(kinds)),
    'set-up': z.array(z.enum(Object.keys(setUps))),
    rounds: positive,
    seconds: positive,
    'warm-up': positive,
    connections: positive,
    json: z.string().optional(),
  })
  .parse(parseArgs({ options: flags }).values)

interface Run {
  kind: string
  setUp: SetUp
  round: number
  figures: Figures
}

const cores = availableParallelism()
const say = (text: string): void => void process.stdout.write(`${text}\n`)
const root = mkdtempSync(join(given.directory, 'understudy-cores-'))
process.once('exit', () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }))

/** Those that do what is asked for, in their order; the others are compared with the first. */
const contendersFor = (kind: string): SetUp[] =>
  Object.entries(setUps)
    .filter(([key, { sends }]) => given['set-up'].includes(key) && sends === (kind === 'send'))
    .map(([, setUp]) => setUp)

/** There and back, so that what drifts favours nobody. */
function plan(): Array<Omit<Run, 'figures'>> {
  return Array.from({ length: given.rounds }, (_, round) => round).flatMap((round) =>
    given.only.flatMap((kind) => {
      const contenders = contendersFor(kind)
      return (round % 2 === 0 ? contenders : contenders.toReversed()).map((setUp) => ({ kind, setUp, round }))
    }),
  )
}

async function runAll(postgres: PostgresServer, upstream: Child): Promise<Run[]> {
  const runs: Run[] = []
  for (const { kind, setUp, round } of plan()) {
    const name = `run_${runs.length}`
    const directory = join(root, name)
    await mkdir(directory)
    const place = { directory, upstream, postgres, databaseUrl: await postgres.database(name) }
    const how = { ...given, warmUpSeconds: given['warm-up'], reads: kind === 'read' }
    const figures = await measure(setUp, place, how)
    say(`round ${round + 1}, ${kind}, ${setUp.name}: ${figures.perSecond.toFixed(0)}/s`)
    runs.push({ kind, setUp, round, figures })
    await keep(runs)
    rmSync(directory, { recursive: true, force: true })
  }
  return runs
}

async function keep(runs: readonly Run[]): Promise<void> {
  if (given.json === undefined) return
  const rows = runs.map(({ kind, setUp, round, figures }) => ({
    kind,
    setUp: setUp.name,
    round,
    ...figures,
    cores: Object.fromEntries(figures.cores),
  }))
  await writeFile(given.json, `${JSON.stringify({ node: process.versions.node, given, rows }, null, 2)}\n`)
}

async function runRounds(): Promise<Run[]> {
  const postgres = await startPostgres({ shared_buffers: '256MB', max_wal_size: '4GB' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void postgres.remove().then(() => process.exit(130)))
  try {
    await using upstream = await startChild({ type: 'upstream', holds: false })
    return await runAll(postgres, upstream)
  } finally {
    await postgres.remove()
  }
}

/** CPU time for each answer in µs: of the parts, of all of them, and of the busiest thread. */
function microsOf({ serving }: SetUp, { cores: used, perSecond }: Figures) {
  const of = (user: User) => ((used.get(user) ?? 0) / perSecond) * 1e6
  const parts = {
    http: of('http'),
    writer: of('writer'),
    workers: of('workers'),
    server: of('PostgreSQL'),
  }
  const { http, writer, workers, server } = parts
  return {
    ...parts,
    inAll: http + writer + workers + server,
    onOneThread: Math.max(http / serving, writer, workers),
  }
}

type Micros = ReturnType<typeof microsOf>

function figuresOf(runs: readonly Run[], setUp: SetUp, base: SetUp | undefined): string[] {
  const own = runs.filter((run) => run.setUp === setUp)
  const middle = (figure: (figures: Figures) => number) => median(own.map(({ figures }) => figure(figures)))
  const micros = (figure: (micros: Micros) => number) =>
    middle((figures) => figure(microsOf(setUp, figures))).toFixed(0)
  // Each rate is compared with its neighbour in time only.
  const ratios = own.map(({ round, figures }) => {
    const other = runs.find((run) => run.setUp === base && run.round === round)
    return figures.perSecond / (other?.figures.perSecond ?? Number.NaN)
  })
  return [
    setUp.name,
    middle(({ perSecond }) => perSecond).toFixed(0),
    median(ratios).toFixed(2),
    `${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}`,
    middle(({ sentPerSecond }) => sentPerSecond).toFixed(0),
    middle(({ p50 }) => p50).toFixed(1),
    middle(({ p99 }) => p99).toFixed(0),
    micros(({ http }) => http),
    micros(({ writer }) => writer),
    micros(({ workers }) => workers),
    micros(({ server }) => server),
    micros(({ inAll }) => inAll),
    micros((each) => mostPerSecond(cores, each)),
    ...users.map((user) => middle((figures) => figures.cores.get(user) ?? 0).toFixed(2)),
    middle(({ failed }) => failed).toFixed(0),
  ]
}

const headOf = (kind: string): string[] => [
  kind,
  '1/s',
  'ratio',
  'least-most',
  'sent/s',
  'p50 ms',
  'p99 ms',
  ...['http', 'writer', 'workers', 'PostgreSQL', 'all'].map((part) => `${part} µs`),
  `most on ${cores}`,
  ...users,
  'failed',
]

function report(all: readonly Run[]): void {
  for (const kind of given.only) {
    const runs = all.filter((run) => run.kind === kind)
    const [base, ...others] = contendersFor(kind)
    if (base === undefined) continue
    const rows = [base, ...others].map((setUp) => figuresOf(runs, setUp, base))
    say(`\n${table(headOf(kind), rows)}`)
  }
}

report(await runRounds())
