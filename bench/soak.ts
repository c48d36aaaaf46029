/**
 * A gateway under mixed load at half of the peak that it is measured to take, for 24 minutes: memory, errors, and whether it is as
 * fast at the end as at the beginning; docs/BENCHMARKS.md. Linux, with at least two cores. Exits 1 on a miss.
 */
import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { buildPrograms } from './built.ts'
import { table } from './figures.ts'
import { takeLoadCore } from './serving/cores.ts'
import { assembleCrew, tryRate } from './soak/crew.ts'
import type { Crew, Step } from './soak/crew.ts'
import { startStage, startVendor } from './soak/stage.ts'
import type { Stage } from './soak/stage.ts'
import { compareWindows, growthOf, warningsIn } from './soak/verdict.ts'
import { lineOf, scrape, watch } from './soak/watch.ts'
import type { Sample } from './soak/watch.ts'

const flags = {
  directory: { type: 'string', default: tmpdir() },
  minutes: { type: 'string', default: '24' },
  rate: { type: 'string' },
  'first-rate': { type: 'string', default: '60' },
  'peak-p99-ms': { type: 'string', default: '500' },
  'node-option': { type: 'string', multiple: true, default: [] as string[] },
  json: { type: 'string' },
} as const
const positive = z.coerce.number().positive()
const given = z
  .object({
    directory: z.string(),
    minutes: positive,
    rate: positive.optional(),
    'first-rate': positive,
    'peak-p99-ms': positive,
    'node-option': z.array(z.string()),
    json: z.string().optional(),
  })
  .parse(parseArgs({ options: flags }).values)

const raise = 1.25
const drainMs = 90_000
const slowest = 1.2
/** The numbers of generations of the two gateways are far apart, because the vendor is the same. */
const firstNumbers = { peak: 1, soak: 10_000_001 }
const warmUpSeconds = Math.min(4, given.minutes / 6) * 60

const say = (text: string): void => void process.stdout.write(`${text}\n`)
buildPrograms()
const root = await mkdtemp(join(given.directory, 'understudy-soak-'))
process.once('exit', () => rmSync(root, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
takeLoadCore()
await using vendor = await startVendor()

/** Raises the rate until it is not met twice, at a gateway of its own. */
async function findPeak(): Promise<Step[]> {
  await using stage = await startStage(root, vendor.address, [])
  await using crew = await assembleCrew(stage, vendor, firstNumbers.peak)
  const steps: Step[] = []
  let rate = given['first-rate']
  while (steps.slice(-2).filter(({ isMet }) => !isMet).length < 2) {
    const step = await tryRate(crew, rate, given['peak-p99-ms'])
    steps.push(step)
    say(
      `${rate.toFixed(0)}/s: p99 ${step.p99.toFixed(0)} ms, ${step.faults} faults, ${step.owed} of ${step.mayOwe} webhooks due`,
    )
    if (step.isMet) rate *= raise
  }
  return steps
}

/** Until nothing is open and every webhook has come, or the time is over. Returns what is left. */
async function drain(stage: Stage, crew: Crew): Promise<{ open: number; owed: number }> {
  const giveUpAt = performance.now() + drainMs
  let left = { open: 1, owed: 1 }
  while (left.open + left.owed > 0 && performance.now() < giveUpAt) {
    await pause(2000)
    const figures = await scrape(stage.metricsUrl)
    const open = ['queued', 'in_progress'].map(
      (state) => figures.get(`understudy_generations_open{state="${state}"}`) ?? 0,
    )
    left = { open: open.reduce((sum, count) => sum + count, 0), owed: crew.owed() }
  }
  return left
}

const steps = given.rate === undefined ? await findPeak() : []
const peak = steps.findLast(({ isMet }) => isMet)?.rate
if (given.rate === undefined && peak === undefined) throw new Error('even the first rate was not met')
const rate = given.rate ?? (peak ?? 0) / 2
say(`${given.minutes} minutes at ${rate.toFixed(0)} requests per second`)

await using stage = await startStage(root, vendor.address, given['node-option'])
await using crew = await assembleCrew(stage, vendor, firstNumbers.soak)
const before = await vendor.report()
const samples: Sample[] = []
const from = performance.now()
const watcher = watch({ stage, vendor, crew }, (sample) => {
  samples.push(sample)
  say(lineOf(sample))
})
const others = crew.nowAndThen()
await crew.load(rate, given.minutes * 60)
others[Symbol.dispose]()
const to = from + given.minutes * 60_000
await watcher.stop()
const left = await drain(stage, crew)
const after = await vendor.report()
const figures = await scrape(stage.metricsUrl)

const steady = samples.filter(({ second }) => second >= warmUpSeconds && second <= given.minutes * 60)
const growth = growthOf(steady, warmUpSeconds)
const windowMs = warmUpSeconds * 1000
const comparisons = compareWindows(
  crew.log,
  { from: from + windowMs, to: from + 2 * windowMs },
  { from: to - windowMs, to },
)
const failed = [...figures]
  .filter(([name]) => /^understudy_generations_failed_total\{code="(?!content_refused)/.test(name))
  .filter(([, count]) => count > 0)
const warnings = await warningsIn(stage.logFile)
const { accepted, owed } = crew.world
const all = Object.values(accepted).reduce((sum, count) => sum + count, 0)
const twice = after.twice.slice(before.twice.length)

const errors = [...warnings].filter(([name]) => !name.startsWith('40'))
const misses = [
  ...errors.map(([error, count]) => `the gateway logged ${count} times: ${error}`),
  crew.log.faultCount > 0 && `${crew.log.faultCount} answers were not as they should be`,
  left.open > 0 && `${left.open} generations did not end`,
  left.owed > 0 && `${left.owed} webhooks did not come`,
  twice.length > 0 && `${twice.length} creates were sent again: ${twice.slice(0, 3).join(', ')}`,
  failed.length > 0 &&
    `generations failed that should not: ${failed.map((each) => each.join(' ')).join(', ')}`,
  ...growth.filter(({ isMet }) => isMet === false).map(({ name }) => `${name} grows`),
  ...comparisons
    .filter(({ ratio, isJudged }) => isJudged && ratio > slowest)
    .map(({ kind, ratio }) => `p99 of ${kind} is ${ratio.toFixed(2)} times that of the beginning`),
].filter((miss) => miss !== false)

say('')
say(
  table(
    ['request', 'number', 'p50 begin', 'p50 end', 'p99 begin', 'p99 end', 'ratio', 'judged'],
    comparisons.map(({ kind, requests, begin, end, ratio, isJudged }) => [
      kind,
      String(requests),
      ...[begin.p50, end.p50, begin.p99, end.p99].map((ms) => ms.toFixed(1)),
      ratio.toFixed(2),
      isJudged ? 'yes' : 'too few',
    ]),
  ),
)
say('')
say(
  table(
    ['in ten minutes', 'grows by', '±', 'at first', 'at last', 'judged'],
    growth.map(({ name, slope: { perUnit, error }, first, last, isMet }) => [
      name,
      ...[perUnit, error, first, last].map((value) => value.toFixed(1)),
      isMet === null ? 'no' : 'yes',
    ]),
  ),
)
say('')
say(
  `${all} generations (${JSON.stringify(accepted)}), ${crew.world.cancels.size} asked to be cancelled; ${after.creates - before.creates} creates, ` +
    `${after.rendered - before.rendered} renders, ${after.polls - before.polls} polls; ${crew.world.told.size} of ${owed.size} webhooks`,
)
for (const [name, count] of [...crew.log.statuses].toSorted(([a], [b]) => a.localeCompare(b)))
  say(`${String(count).padStart(8)}  ${name}`)
for (const [warning, count] of warnings) say(`log, ${count} times: ${warning}`)
for (const fault of crew.log.faults.slice(0, 10)) say(`fault: ${fault}`)
for (const miss of misses) say(`Missed: ${miss}.`)
if (misses.length > 0) process.exitCode = 1
if (given.json !== undefined)
  await writeFile(
    given.json,
    `${JSON.stringify({ node: process.versions.node, given, steps, rate, growth, comparisons, left, misses, warnings: Object.fromEntries(warnings), faults: crew.log.faults, statuses: Object.fromEntries(crew.log.statuses), samples }, null, 2)}\n`,
  )
