/** Whether creates stay as fast with a history of 200,000 generations as without; docs/BENCHMARKS.md. Exits 1 below the floor. */
import { rmSync, statSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ulid } from 'ulid'
import { z } from 'zod'
import { openDatabase } from '../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../src/gateway/storage/generations/generation-store.ts'
import type { GenerationStorage } from '../src/gateway/ports/generations/generation-storage.ts'
import { aGeneration, aLogEntry } from '../test/fixtures/generation.ts'
import { fillYear } from '../test/fixtures/storage/filled-year.ts'
import { median, table } from './figures.ts'

const flags = {
  directory: { type: 'string', default: tmpdir() },
  rows: { type: 'string', default: '200000' },
  passes: { type: 'string', default: '7' },
  creates: { type: 'string', default: '3000' },
} as const

const { directory, rows, passes, creates } = z
  .object({
    directory: z.string(),
    rows: z.coerce.number().int().positive(),
    passes: z.coerce.number().int().positive(),
    creates: z.coerce.number().int().positive(),
  })
  .parse(parseArgs({ options: flags }).values)

const floor = 0.8
/** As many as the callers of `npm run bench`. */
const callers = 50
const now = Date.UTC(2026, 10, 20)
const budget = { monthStart: Date.UTC(2026, 10, 1), monthlyBudgetMicros: 1e15, maxInFlight: 1e9 }

const root = await mkdtemp(join(directory, 'understudy-growth-'))
process.once('exit', () => rmSync(root, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const say = (text: string): void => void process.stdout.write(`${text}\n`)

async function createSome(store: GenerationStorage, count: number): Promise<void> {
  for (let left = count; left > 0; left--) {
    const generation = aGeneration({ id: `gen_${ulid()}`, createdAt: now })
    const inserted = await store.insert(generation, {
      entries: [aLogEntry()],
      idempotency: null,
      limits: budget,
    })
    if (inserted.type !== 'inserted') throw new Error(`a create was answered with ${inserted.type}`)
  }
}

interface Pass {
  perSecond: number
  /** Of the whole process, for each create. */
  cpuMicros: number
}

/** Creates of one key that has a budget. */
async function pass(store: GenerationStorage): Promise<Pass> {
  const from = performance.now()
  const cpu = process.cpuUsage()
  const each = Math.ceil(creates / callers)
  await Promise.all(Array.from({ length: callers }, () => createSome(store, each)))
  const { user, system } = process.cpuUsage(cpu)
  const perSecond = (each * callers * 1000) / (performance.now() - from)
  return { perSecond, cpuMicros: (user + system) / (each * callers) }
}

const files = { empty: join(root, 'empty.db'), filled: join(root, 'filled.db') }
await fillYear(files.filled, rows, now)
await using empty = await openDatabase({ file: files.empty })
await using filled = await openDatabase({ file: files.filled })
const stores = { empty: createGenerationStore(empty), filled: createGenerationStore(filled) }

while ((await stores.empty.countLedger()) > 0);
const from = performance.now()
while ((await stores.filled.countLedger()) > 0);
if (!filled.totals.usable) throw new Error('the running totals were not made')
const walMegabytes = statSync(`${files.filled}-wal`).size / 1e6
say(
  `${rows} generations counted in ${(performance.now() - from).toFixed(0)} ms, ${walMegabytes.toFixed(1)} MB of WAL left`,
)

{
  // What runs first is compiled on the way, which is not what is measured.
  await using warmUp = await openDatabase({ file: join(root, 'warm-up.db') })
  await pass(createGenerationStore(warmUp))
}
const seen: Record<keyof typeof stores, Pass[]> = { empty: [], filled: [] }
for (let number = 0; number < passes; number++) {
  // Another order each time, so that nobody always follows the same neighbour.
  const order = number % 2 === 0 ? (['filled', 'empty'] as const) : (['empty', 'filled'] as const)
  for (const name of order) seen[name].push(await pass(stores[name]))
}

const figures = (name: keyof typeof stores, figure: keyof Pass): number[] =>
  seen[name].map((each) => each[figure])
/** Each is compared with its neighbour in time only. */
const ratios = (figure: keyof Pass): number[] =>
  seen.filled.map((each, number) => each[figure] / (seen.empty[number]?.[figure] ?? Number.NaN))
const row = (name: string, values: readonly number[], digits: number): string[] => [
  name,
  ...[values[0] ?? Number.NaN, Math.min(...values), median(values), Math.max(...values)].map((value) =>
    value.toFixed(digits),
  ),
]
say('')
say(
  table(
    ['creates of a key with a budget', 'first', 'least', 'median', 'most'],
    [
      row('per second, empty', figures('empty', 'perSecond'), 0),
      row(`per second, ${rows} generations`, figures('filled', 'perSecond'), 0),
      row('ratio', ratios('perSecond'), 2),
      row('CPU µs each, empty', figures('empty', 'cpuMicros'), 0),
      row(`CPU µs each, ${rows} generations`, figures('filled', 'cpuMicros'), 0),
      row('ratio', ratios('cpuMicros'), 2),
    ],
  ),
)
if (median(ratios('perSecond')) < floor) {
  say(`The ratio is below ${floor}.`)
  process.exitCode = 1
}
