/**
 * How fast accepted work is sent and brought to its end, on one core: creates with and without callers, whole lives, and how
 * soon a create leaves; docs/BENCHMARKS.md. Linux, with at least two cores.
 */
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { startChild } from './child.ts'
import { percentile } from './figures.ts'
import { amount, count, createFigureNotes, keepFigures, makeRoot, parseOptions, say } from './program.ts'
import { measureReach } from './reach.ts'
import { fillBacklog, measureBacklog } from './sending/backlog.ts'
import { measureBesideCallers } from './sending/beside-callers.ts'
import { measureLives } from './sending/lives.ts'
import { cpuMicrosOf, onServerCore, takeLoadCore } from './serving/cores.ts'

const given = parseOptions(['backlog', 'lives', 'callers', 'reach'], {
  rounds: count(3),
  seconds: amount(4),
  creates: count(6000),
  lives: count(256),
  connections: count(50),
  requests: count(300),
})

const warmUpSeconds = 1
const { note, rows, shown } = createFigureNotes()
const root = await makeRoot(given.directory, 'sending')
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

say(shown())
say(`the vendor used ${vendorCores.toFixed(2)} of its core`)
await keepFigures(given.json, { given, rows: rows(), vendorCores })
