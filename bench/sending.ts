/**
 * How fast accepted work is sent and brought to its end, on one core: creates with and without callers, whole lives, and how
 * soon a create leaves; docs/BENCHMARKS.md. Linux, with at least two cores.
 */
import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { startChild } from './child.ts'
import { median, percentile, table } from './figures.ts'
import { measureReach } from './reach.ts'
import { fillBacklog, measureBacklog } from './sending/backlog.ts'
import { measureBesideCallers } from './sending/beside-callers.ts'
import { measureLives } from './sending/lives.ts'
import { cpuMicrosOf, onServerCore, takeLoadCore } from './serving/cores.ts'

const parts = ['backlog', 'lives', 'callers', 'reach']
const flags = {
  directory: { type: 'string', default: tmpdir() },
  only: { type: 'string', multiple: true, default: parts },
  rounds: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '4' },
  creates: { type: 'string', default: '6000' },
  lives: { type: 'string', default: '256' },
  connections: { type: 'string', default: '50' },
  requests: { type: 'string', default: '300' },
  json: { type: 'string' },
} as const
const positive = z.coerce.number().int().positive()
const given = z
  .object({
    directory: z.string(),
    only: z.array(z.enum(parts)),
    rounds: positive,
    seconds: z.coerce.number().positive(),
    creates: positive,
    lives: positive,
    connections: positive,
    requests: positive,
    json: z.string().optional(),
  })
  .parse(parseArgs({ options: flags }).values)

interface Row {
  name: string
  unit: string
  digits: number
  /** One figure for each round. */
  values: number[]
}

const warmUpSeconds = 1
const rows = new Map<string, Row>()
const say = (text: string): void => void process.stdout.write(`${text}\n`)

function note(name: string, unit: string, digits: number, value: number): void {
  const row = rows.get(name) ?? { name, unit, digits, values: [] }
  row.values.push(value)
  rows.set(name, row)
}

const root = await mkdtemp(join(given.directory, 'understudy-sending-'))
process.once('exit', () => rmSync(root, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const folder = (): Promise<string> => mkdtemp(join(root, 'run-'))
takeLoadCore()

await using vendor = await startChild({ type: 'vendor' })
const backlog = await folder()
if (given.only.includes('backlog')) await fillBacklog(backlog, vendor.address, given.creates)
const vendorCpuFrom = cpuMicrosOf(vendor.pid)
const from = performance.now()
for (let round = 0; round < given.rounds; round++) {
  if (given.only.includes('backlog')) {
    const sent = await measureBacklog(backlog, await folder(), { vendor, count: given.creates })
    note('creates, no callers', '1/s', 0, sent.perSecond)
    note('creates, no callers: CPU each', 'µs', 0, sent.cpuMicros)
  }
  if (given.only.includes('lives')) {
    const lived = await measureLives(await folder(), {
      upstreamUrl: vendor.address,
      underWay: given.lives,
      warmUpSeconds,
      seconds: given.seconds,
    })
    note('whole lives', '1/s', 0, lived.perSecond)
    note('whole lives: CPU each', 'µs', 0, lived.cpuMicros)
  }
  if (given.only.includes('callers')) {
    const { connections, seconds } = given
    const burst = await measureBesideCallers(await folder(), { vendor, connections, warmUpSeconds, seconds })
    note('beside callers: sent of accepted', '', 2, burst.sentShare)
    note('beside callers: accepted', '1/s', 0, burst.acceptedPerSecond)
    note('beside callers: p99 of an accept', 'ms', 0, burst.p99)
  }
  if (given.only.includes('reach')) {
    const reach = await measureReach(await folder(), given.requests, onServerCore)
    note('202 → create, p50', 'ms', 1, percentile(reach, 0.5))
    note('202 → create, p99', 'ms', 1, percentile(reach, 0.99))
  }
}
const vendorCores = (cpuMicrosOf(vendor.pid) - vendorCpuFrom) / 1000 / (performance.now() - from)

say(
  table(
    ['row', 'median', 'least', 'most', 'unit'],
    [...rows.values()].map(({ name, unit, digits, values }) => [
      name,
      ...[median(values), Math.min(...values), Math.max(...values)].map((value) => value.toFixed(digits)),
      unit,
    ]),
  ),
)
say(`the vendor used ${vendorCores.toFixed(2)} of its core`)
if (given.json !== undefined)
  await writeFile(
    given.json,
    `${JSON.stringify({ node: process.versions.node, given, rows: [...rows.values()], vendorCores }, null, 2)}\n`,
  )
