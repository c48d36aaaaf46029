/**
 * What a crowd costs: jobs in flight, a kill among them, readers of events, and what grows with either; docs/BENCHMARKS.md.
 * Linux, with at least two cores.
 */
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { buildPrograms } from './built.ts'
import { measureFlight } from './crowd/flight.ts'
import type { Flight, Restart } from './crowd/flight.ts'
import type { Crowd } from './crowd/gateway.ts'
import { followed, measureReaders } from './crowd/readers.ts'
import type { Readers } from './crowd/readers.ts'
import { startVendor } from './crowd/vendor.ts'
import { count, createFigureNotes, keepFigures, makeRoot, parseOptions, say } from './program.ts'
import { onServerCore, takeLoadCore } from './serving/cores.ts'
import { measureStart } from './start.ts'

const parts = ['start', 'flight', 'kill', 'readers'] as const
const given = parseOptions(parts, {
  starts: count(7),
  kills: count(3),
  'in-flight': count(100_000),
  seconds: count(15),
  'polls-per-second': count(500),
  readers: count(10_000),
  events: count(5),
})

const upstreams = 10
const root = await makeRoot(given.directory, 'crowd')
buildPrograms()
takeLoadCore()

await using vendor = await startVendor()
const folder = () => mkdtemp(join(root, 'data-'))
const wants = (part: (typeof parts)[number]): boolean => given.only.includes(part)
const { note, rows, shown } = createFigureNotes()
const figures: { start?: number[]; flight?: Flight; restarts?: Restart[]; readers?: Readers[] } = {}
const row = (name: string, unit: string, values: readonly number[]): void => note(name, unit, 0, ...values)

async function crowdOf(settings: Partial<Crowd> = {}): Promise<Crowd> {
  return {
    directory: await folder(),
    vendor: vendor.baseUrl,
    upstreams,
    pollsPerSecond: given['polls-per-second'] / upstreams,
    everyMs: 10_000,
    keys: 1,
    ...settings,
  }
}

if (wants('start')) {
  const directory = await folder()
  await measureStart(directory, onServerCore)
  const times: number[] = []
  for (let count = 0; count < given.starts; count++) times.push(await measureStart(directory, onServerCore))
  row('start to first answer', 'ms', times)
  figures.start = times
}
if (wants('flight') || wants('kill')) {
  const { flight, restarts } = await measureFlight(await crowdOf(), vendor, {
    count: given['in-flight'],
    seconds: given.seconds,
    kills: wants('kill') ? given.kills : 0,
  })
  figures.flight = flight
  figures.restarts = restarts
  row('in flight: memory when ready', 'MB', [flight.megabytes.ready])
  row('in flight: memory at most', 'MB', [flight.megabytes.most])
  row('in flight: polls per second', '1/s', [flight.pollsPerSecond])
  row('in flight: poll lag p50', 'ms', [flight.lagP50])
  row('in flight: poll lag p99', 'ms', [flight.lagP99])
  row('in flight: CPU for each poll', 'µs', [flight.cpuMicros])
  if (restarts.length > 0) {
    row(
      'kill -9 → ready',
      'ms',
      restarts.map(({ readyMs }) => readyMs),
    )
    row(
      'kill -9 → all owned',
      'ms',
      restarts.map(({ ownedMs }) => ownedMs),
    )
    row(
      'kill -9 → first poll',
      'ms',
      restarts.map(({ polledMs }) => polledMs),
    )
  }
}
if (wants('readers')) {
  figures.readers = []
  for (const what of followed) {
    const crowd = await crowdOf()
    const seen = await measureReaders(crowd, { what, count: given.readers, events: given.events })
    const name = `readers of ${what}`
    figures.readers.push(seen)
    row(`${name}: memory before`, 'MB', [seen.megabytes.before])
    row(`${name}: memory at most`, 'MB', [seen.megabytes.most])
    row(
      `${name}: event to the last`,
      'ms',
      seen.eventMs.map(({ last }) => last),
    )
    row(`${name}: idle, of a core`, '%', [seen.idleCores * 100])
  }
}

say(`${given['in-flight']} in flight, ${given.readers} readers`)
say(shown())
await keepFigures(given.json, { given, rows: rows(), figures })
