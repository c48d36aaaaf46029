/**
 * What a crowd costs: jobs in flight, a kill among them, readers of events, and what grows with either; docs/BENCHMARKS.md.
 * Linux, with at least two cores.
 */
import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { measureFlight } from './crowd/flight.ts'
import type { Flight, Restart } from './crowd/flight.ts'
import type { Crowd } from './crowd/gateway.ts'
import { followed, measureReaders } from './crowd/readers.ts'
import type { Readers } from './crowd/readers.ts'
import { startVendor } from './crowd/vendor.ts'
import { median, table } from './figures.ts'
import { onServerCore, takeLoadCore } from './serving/cores.ts'
import { measureStart } from './start.ts'

const parts = ['start', 'flight', 'kill', 'readers']
const flags = {
  directory: { type: 'string', default: tmpdir() },
  only: { type: 'string', multiple: true, default: parts },
  starts: { type: 'string', default: '7' },
  kills: { type: 'string', default: '3' },
  'in-flight': { type: 'string', default: '100000' },
  seconds: { type: 'string', default: '15' },
  'polls-per-second': { type: 'string', default: '500' },
  readers: { type: 'string', default: '10000' },
  events: { type: 'string', default: '5' },
  json: { type: 'string' },
} as const
const positive = z.coerce.number().int().positive()
const given = z
  .object({
    directory: z.string(),
    only: z.array(z.enum(parts)),
    starts: positive,
    kills: positive,
    'in-flight': positive,
    seconds: positive,
    'polls-per-second': positive,
    readers: positive,
    events: positive,
    json: z.string().optional(),
  })
  .parse(parseArgs({ options: flags }).values)

const upstreams = 10
const say = (text: string): void => void process.stdout.write(`${text}\n`)
const root = await mkdtemp(join(given.directory, 'understudy-crowd-'))
process.once('exit', () => rmSync(root, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
takeLoadCore()

await using vendor = await startVendor()
const folder = () => mkdtemp(join(root, 'data-'))
const wants = (part: string): boolean => given.only.includes(part)
const rows: string[][] = []
const figures: { start?: number[]; flight?: Flight; restarts?: Restart[]; readers?: Readers[] } = {}
const row = (name: string, unit: string, values: readonly number[]): void => {
  rows.push([
    name,
    unit,
    ...[median(values), Math.min(...values), Math.max(...values)].map((each) => each.toFixed(0)),
  ])
}

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
  const count = given['in-flight']
  const { flight, restarts } = await measureFlight(await crowdOf(), vendor, {
    count,
    seconds: given.seconds,
    kills: wants('kill') ? given.kills : 0,
  })
  figures.flight = flight
  figures.restarts = restarts
  row(`${count} in flight: memory when ready`, 'MB', [flight.megabytes.ready])
  row(`${count} in flight: memory at most`, 'MB', [flight.megabytes.most])
  row(`${count} in flight: polls per second`, '1/s', [flight.pollsPerSecond])
  row(`${count} in flight: poll lag p50`, 'ms', [flight.lagP50])
  row(`${count} in flight: poll lag p99`, 'ms', [flight.lagP99])
  row(`${count} in flight: CPU for each poll`, 'µs', [flight.cpuMicros])
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
    const name = `${given.readers} readers of ${what}`
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

say(table(['row', 'unit', 'median', 'least', 'most'], rows))
if (given.json !== undefined)
  await writeFile(given.json, `${JSON.stringify({ node: process.versions.node, given, figures }, null, 2)}\n`)
