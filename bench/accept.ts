/** How fast `POST /generate` takes work in, and how soon that work leaves; docs/BENCHMARKS.md. Exits 1 below a floor. */
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { startChild } from './child.ts'
import { bare, contenders, measure, storeless } from './contenders.ts'
import type { Contender } from './contenders.ts'
import { median, percentile, table } from './figures.ts'
import type { Load } from './load.ts'
import { measureReach } from './reach.ts'
import { measureStart } from './start.ts'

const flags = {
  directory: { type: 'string', default: tmpdir() },
  connections: { type: 'string', default: '50' },
  rounds: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '2' },
  requests: { type: 'string', default: '300' },
  starts: { type: 'string', default: '5' },
} as const

const { directory, connections, rounds, seconds, requests, starts } = z
  .object({
    directory: z.string(),
    connections: z.coerce.number().int().positive(),
    rounds: z.coerce.number().int().positive(),
    seconds: z.coerce.number().positive(),
    requests: z.coerce.number().int().positive(),
    starts: z.coerce.number().int().positive(),
  })
  .parse(parseArgs({ options: flags }).values)

type Rounds = Map<Contender, Load>[]

const warmUpSeconds = 1

const root = await mkdtemp(join(directory, 'understudy-bench-'))
process.once('exit', () => rmSync(root, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const folder = (): Promise<string> => mkdtemp(join(root, 'run-'))
const say = (text: string): void => void process.stdout.write(`${text}\n`)
const milliseconds = (value: number): string => value.toFixed(1)

async function runRounds(): Promise<Rounds> {
  await using holding = await startChild({ type: 'upstream', holds: true })
  await using taking = await startChild({ type: 'upstream', holds: false })
  const all: Rounds = []
  for (let round = 0; round < rounds; round++) {
    // Another order each time, so that nobody always follows the same neighbour.
    const first = round % contenders.length
    const loads = new Map<Contender, Load>()
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      const place = { directory: await folder(), holding: holding.address, taking: taking.address }
      const load = await measure(contender, place, { connections, warmUpSeconds, seconds })
      loads.set(contender, load)
      say(`round ${round + 1}  ${contender.name}: ${load.requestsPerSecond.toFixed(0)} requests/s`)
    }
    all.push(loads)
  }
  return all
}

function figuresOf(all: Rounds, contender: Contender, figure: (load: Load) => number): number[] {
  return all.flatMap((loads) => {
    const load = loads.get(contender)
    return load === undefined ? [] : [figure(load)]
  })
}

const middle = (...args: Parameters<typeof figuresOf>): number => median(figuresOf(...args))

/** The middle of the ratios of the rounds: each rate is compared with its neighbour in time only. */
function shareOf(all: Rounds, contender: Contender, base: Contender): number {
  const rates = figuresOf(all, contender, (load) => load.requestsPerSecond)
  const bases = figuresOf(all, base, (load) => load.requestsPerSecond)
  return median(rates.map((rate, round) => rate / (bases[round] ?? Number.NaN)))
}

function report(all: Rounds): boolean {
  const rows = contenders.map((contender) => [
    contender.name,
    middle(all, contender, (load) => load.requestsPerSecond).toFixed(0),
    shareOf(all, contender, storeless).toFixed(2),
    contender.floor === null ? '' : contender.floor.toFixed(2),
    shareOf(all, contender, bare).toFixed(2),
    milliseconds(middle(all, contender, (load) => load.p50)),
    milliseconds(middle(all, contender, (load) => load.p99)),
    middle(all, contender, (load) => load.cpuMicrosPerRequest).toFixed(0),
  ])
  say('')
  say(
    table(
      ['POST /generate', 'requests/s', 'of storeless', 'floor', 'of bare', 'p50 ms', 'p99 ms', 'CPU µs each'],
      rows,
    ),
  )
  const below = contenders.filter((contender) => shareOf(all, contender, storeless) < (contender.floor ?? 0))
  for (const { name, floor } of below) say(`${name} is below ${floor} of the same route without storage.`)
  return below.length === 0
}

async function reportReach(): Promise<void> {
  const reach = await measureReach(await folder(), requests)
  const [p50, p99] = [percentile(reach, 0.5), percentile(reach, 0.99)].map(milliseconds)
  say(`202 sent → create at an idle upstream  p50 ${p50} ms, p99 ${p99} ms (${requests} requests in turn)`)
}

async function reportStart(): Promise<void> {
  const data = await folder()
  const first = await measureStart(data)
  const later: number[] = []
  for (let count = 0; count < starts; count++) later.push(await measureStart(data))
  say(
    `start → first answer  ${first.toFixed(0)} ms with an empty folder, then ${median(later).toFixed(0)} ms (median of ${starts})`,
  )
}

say(
  `Node ${process.versions.node}, ${availableParallelism()} cores, ${connections} connections, ${rounds} rounds of ${seconds} s`,
)
const holds = report(await runRounds())
say('')
await reportReach()
await reportStart()
process.exitCode = holds ? 0 : 1
