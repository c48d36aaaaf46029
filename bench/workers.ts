/** Generations accepted per second with 0, 1, 2 and 4 workers on PostgreSQL, and what ends the growth; docs/BENCHMARKS.md. */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { startPostgres } from '../test/postgres/server.ts'
import { median, table } from './figures.ts'
import { measureFleet, users } from './workers/measure-fleet.ts'
import type { CpuUser, FleetFigures } from './workers/measure-fleet.ts'

const flags = {
  workers: { type: 'string', default: '0,1,2,4' },
  connections: { type: 'string', default: '50' },
  rounds: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '10' },
  'warm-up': { type: 'string', default: '2' },
} as const
const count = z.coerce.number().int().nonnegative()
const positive = count.positive()
const given = z
  .object({
    workers: z.string().transform((text) => text.split(',').map((each) => count.parse(each))),
    connections: positive,
    rounds: positive,
    seconds: positive,
    'warm-up': positive,
  })
  .parse(parseArgs({ options: flags }).values)

const cores = availableParallelism()
/** A resource counts as used up from this share on: the rest is waiting for the next request, or measuring. */
const usedUp = 0.9

async function runRounds(): Promise<FleetFigures[]> {
  const server = await startPostgres({ shared_buffers: '256MB', max_wal_size: '4GB' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void server.remove().then(() => process.exit(130)))
  const all: FleetFigures[] = []
  try {
    for (let round = 0; round < given.rounds; round++) {
      // There and back, so that what drifts favours no count.
      for (const workers of round % 2 === 0 ? given.workers : given.workers.toReversed()) {
        const figures = await measureFleet(server, {
          name: `round_${round}_workers_${workers}`,
          workers,
          connections: given.connections,
          warmUpSeconds: given['warm-up'],
          seconds: given.seconds,
        })
        process.stdout.write(
          `round ${round + 1}, ${workers} workers: ${figures.acceptedPerSecond.toFixed(0)} accepted/s, ${figures.sentPerSecond.toFixed(0)} sent/s\n`,
        )
        all.push(figures)
      }
    }
  } finally {
    await server.remove()
  }
  return all
}

const totalOf = ({ cores: used }: FleetFigures) => users.reduce((sum, user) => sum + used[user], 0)

function row(workers: number, runs: readonly FleetFigures[]): string[] {
  const middle = (figure: (run: FleetFigures) => number) => median(runs.map(figure))
  const rates = [
    middle((run) => run.acceptedPerSecond),
    middle((run) => run.refusedPerSecond),
    middle((run) => run.sentPerSecond),
    middle((run) => run.p50),
    middle((run) => run.p99),
  ]
  return [
    String(workers),
    ...rates.map((rate) => rate.toFixed(0)),
    ...users.map((user) => middle((run) => run.cores[user]).toFixed(2)),
    `${middle(totalOf).toFixed(2)} of ${cores}`,
  ]
}

/** What was used up: all cores, and by which of ours most; or the one thread that the event loop of a process has; or neither. */
function limitOf(workers: number, runs: readonly FleetFigures[]): string {
  const used = (user: CpuUser) => median(runs.map((run) => run.cores[user]))
  const most = users.filter((user) => user !== 'others').toSorted((a, b) => used(b) - used(a))
  const [first, second] = most.map((user) => `${user} ${used(user).toFixed(2)}`)
  if (median(runs.map(totalOf)) >= usedUp * cores)
    return `the ${cores} cores are in use, most of ours by ${first}, then ${second}`
  if (used('api') >= usedUp) return 'the thread of the api node is in use'
  if (workers > 0 && used('workers') >= usedUp * workers) return 'the threads of the workers are in use'
  if (used('load generator') >= usedUp) return 'the load generator is in use: there is more to have'
  return 'no CPU is used up: waiting for the disk or for locks'
}

const all = await runRounds()
const byCount = given.workers.map((workers) => ({
  workers,
  runs: all.filter((run) => run.workers === workers),
}))
const head = ['workers', 'accepted/s', 'refused/s', 'sent/s', 'p50 ms', 'p99 ms', ...users, 'cores in use']
process.stdout.write(`${table(
  head,
  byCount.map(({ workers, runs }) => row(workers, runs)),
)}
${byCount.map(({ workers, runs }) => `${workers} workers: ${limitOf(workers, runs)}.`).join('\n')}
`)
