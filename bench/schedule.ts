/**
 * The schedule with 100,000, 300,000 and a million generations in flight on PostgreSQL: what a life costs the database, and
 * whether that grows; docs/BENCHMARKS.md. `--json FILE` also writes all figures.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { startPostgres } from '../test/postgres/server.ts'
import { table } from './figures.ts'
import { simulate } from './schedule/simulate.ts'
import type { Simulated } from './schedule/simulate.ts'

const flags = {
  'in-flight': { type: 'string', default: '100000,300000,1000000' },
  upstreams: { type: 'string', default: '200' },
  seconds: { type: 'string', default: '60' },
  'warm-up': { type: 'string', default: '10' },
  budget: { type: 'string', default: '1.25' },
  json: { type: 'string' },
} as const
const positive = z.coerce.number().positive()
const given = z
  .object({
    'in-flight': z.string().transform((text) => text.split(',').map((each) => positive.int().parse(each))),
    upstreams: positive.int(),
    seconds: positive,
    'warm-up': positive,
    budget: positive,
    json: z.string().optional(),
  })
  .parse(parseArgs({ options: flags }).values)

const megabyte = 1024 * 1024
const sumOf = (
  simulated: Simulated,
  figure: 'table_bytes' | 'index_bytes' | 'dead' | 'vacuums' | 'vacuum_ms',
) => simulated.after.tables.reduce((sum, each) => sum + each[figure], 0)

function row(simulated: Simulated): string[] {
  const { inFlight, lives, perLife, claims, slotCounts } = simulated
  const figures = [perLife.cpuMs, perLife.statements, perLife.updates, perLife.walBytes / 1024]
  return [
    String(inFlight),
    String(lives),
    ...figures.map((figure) => figure.toFixed(1)),
    claims.p50.toFixed(1),
    claims.p99.toFixed(1),
    claims.rows.toFixed(1),
    slotCounts.ms.toFixed(1),
    String(slotCounts.pages),
    (sumOf(simulated, 'table_bytes') / megabyte).toFixed(0),
    (sumOf(simulated, 'index_bytes') / megabyte).toFixed(0),
    String(sumOf(simulated, 'dead')),
    String(sumOf(simulated, 'vacuums')),
    sumOf(simulated, 'vacuum_ms').toFixed(0),
  ]
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** By least squares: the CPU time of a life is `at` at the first size, and `tenfold` more for each tenfold. */
function fit(all: readonly Simulated[]): { at: number; tenfold: number } {
  const points = all.map(({ inFlight, perLife }) => ({
    x: Math.log10(inFlight / (all[0]?.inFlight ?? 1)),
    y: perLife.cpuMs,
  }))
  const x = mean(points.map((point) => point.x))
  const y = mean(points.map((point) => point.y))
  const spread = mean(points.map((point) => (point.x - x) ** 2))
  const tenfold = spread === 0 ? 0 : mean(points.map((point) => (point.x - x) * (point.y - y))) / spread
  return { at: y - tenfold * x, tenfold }
}

const server = await startPostgres({ shared_buffers: '1GB', max_wal_size: '8GB' })
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void server.remove().then(() => process.exit(130)))
const all: Simulated[] = []
try {
  for (const inFlight of given['in-flight'])
    all.push(
      await simulate(server, {
        inFlight,
        upstreams: given.upstreams,
        seconds: given.seconds,
        warmUpSeconds: given['warm-up'],
        budget: given.budget,
      }),
    )
} finally {
  await server.remove()
}
const head = [
  'in flight',
  'lives',
  'CPU ms',
  'statements',
  'updates',
  'WAL KB',
  'claim p50 ms',
  'p99 ms',
  'rows',
  'count ms',
  'pages',
]
const sizes = ['tables MB', 'indexes MB', 'dead rows', 'vacuums', 'vacuum ms']
const { at, tenfold } = fit(all)
process.stdout.write(`${table([...head, ...sizes], all.map(row))}
CPU of PostgreSQL per life: ${at.toFixed(1)} ms, and ${tenfold.toFixed(1)} ms more for each tenfold.
`)
if (given.json !== undefined)
  await writeFile(given.json, JSON.stringify({ all, fit: { at, tenfold } }, null, 1))
