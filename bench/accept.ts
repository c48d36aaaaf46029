/** How fast `POST /generate` takes work in, and how soon that work leaves; docs/BENCHMARKS.md. Exits 1 below a floor. */
import { mkdtemp } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { buildPrograms } from './built.ts'
import { startChild } from './child.ts'
import { bare, contenders, measure, storeless } from './contenders.ts'
import type { Contender } from './contenders.ts'
import { median, percentile, table } from './figures.ts'
import type { Load } from './load.ts'
import { amount, count, createFigureNotes, keepFigures, makeRoot, parseOptions, say } from './program.ts'
import { measureReach } from './reach.ts'
import { onServerCore, takeLoadCore } from './serving/cores.ts'
import { measureStart } from './start.ts'

const given = parseOptions(['accept', 'reach', 'start'], {
  connections: count(50),
  rounds: count(3),
  seconds: amount(2),
  requests: count(300),
  starts: count(5),
})
const { connections, rounds, seconds, requests, starts } = given

type Rounds = Map<Contender, Load>[]

const warmUpSeconds = 1

const root = await makeRoot(given.directory, 'bench')
const folder = (): Promise<string> => mkdtemp(join(root, 'run-'))
const milliseconds = (value: number): string => value.toFixed(1)
const notes = createFigureNotes()
say(
  `Node ${process.versions.node}, ${availableParallelism()} cores, ${connections} connections, ${rounds} rounds of ${seconds} s`,
)
takeLoadCore()

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
      const load = await measure(contender, place, { connections, warmUpSeconds, seconds }, onServerCore)
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

/** One for each round: each rate is compared with its neighbour in time only. */
function sharesOf(all: Rounds, contender: Contender, base: Contender): number[] {
  const rates = figuresOf(all, contender, (load) => load.requestsPerSecond)
  const bases = figuresOf(all, base, (load) => load.requestsPerSecond)
  return rates.map((rate, round) => rate / (bases[round] ?? Number.NaN))
}

const shareOf = (...args: Parameters<typeof sharesOf>): number => median(sharesOf(...args))

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
  for (const contender of contenders) {
    const { name } = contender
    notes.note(`${name}: requests`, '1/s', 0, ...figuresOf(all, contender, (load) => load.requestsPerSecond))
    notes.note(`${name} / bare`, '', 2, ...sharesOf(all, contender, bare))
    notes.note(`${name} / storeless`, '', 2, ...sharesOf(all, contender, storeless))
  }
  const below = contenders.filter((contender) => shareOf(all, contender, storeless) < (contender.floor ?? 0))
  for (const { name, floor } of below) say(`${name} is below ${floor} of the same route without storage.`)
  return below.length === 0
}

async function reportReach(): Promise<void> {
  const reach = await measureReach(await folder(), requests, onServerCore)
  const [p50, p99] = [percentile(reach, 0.5), percentile(reach, 0.99)].map(milliseconds)
  say(`202 sent → create at an idle upstream  p50 ${p50} ms, p99 ${p99} ms (${requests} requests in turn)`)
}

async function reportStart(): Promise<void> {
  buildPrograms()
  const data = await folder()
  const first = await measureStart(data, onServerCore)
  const later: number[] = []
  for (let count = 0; count < starts; count++) later.push(await measureStart(data, onServerCore))
  say(
    `start → first answer  ${first.toFixed(0)} ms with an empty folder, then ${median(later).toFixed(0)} ms (median of ${starts})`,
  )
}

if (given.only.includes('accept')) {
  process.exitCode = report(await runRounds()) ? 0 : 1
  say('')
}
if (given.only.includes('reach')) await reportReach()
if (given.only.includes('start')) await reportStart()
await keepFigures(given.json, { given, rows: notes.rows() })
