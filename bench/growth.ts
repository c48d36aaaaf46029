/**
 * Whether what an operation costs grows with the generations in flight, or with those that have finished: CPU time at each size, and whether
 * it grows slower than the logarithm of the size; docs/BENCHMARKS.md. Linux, with at least two cores. Exits 1 if one grows faster of which that is not known.
 */
import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { median, table } from './figures.ts'
import { measureAt } from './growth/stage.ts'
import type { Figures } from './growth/stage.ts'
import { knownGrowths } from './growth/operations.ts'
import { growthOf } from './growth/verdict.ts'
import type { Growth } from './growth/verdict.ts'
import { takeLoadCore } from './serving/cores.ts'

const flags = {
  directory: { type: 'string', default: tmpdir() },
  'in-flight': { type: 'string', default: '1000,10000' },
  finished: { type: 'string', default: '30000,100000' },
  only: { type: 'string', multiple: true },
  seconds: { type: 'string', default: '1' },
  'polls-per-second': { type: 'string', default: '200' },
  json: { type: 'string' },
} as const
const positive = z.coerce.number().positive()
const sizes = z
  .string()
  .transform((text) => (text === '' ? [] : text.split(',')).map((each) => positive.int().parse(each)))
const given = z
  .object({
    directory: z.string(),
    'in-flight': sizes.refine((all) => all.length > 0, 'must have at least one size'),
    finished: sizes,
    only: z.array(z.string()).default([]),
    seconds: positive,
    'polls-per-second': positive,
    json: z.string().optional(),
  })
  .parse(parseArgs({ options: flags }).values)

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const root = await mkdtemp(join(given.directory, 'understudy-growth-'))
process.once('exit', () => rmSync(root, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
takeLoadCore()

const settings = {
  directory: root,
  seconds: given.seconds,
  pollsPerSecond: given['polls-per-second'],
  wants: (name: string): boolean => given.only.length === 0 || given.only.includes(name),
}
const [fewest = 1] = given['in-flight']
const inFlight: Figures[] = []
for (const count of given['in-flight'])
  inFlight.push(await measureAt({ inFlight: count, finished: 0 }, settings))
const finished: Figures[] = []
for (const count of given.finished)
  finished.push(await measureAt({ inFlight: fewest, finished: count }, settings))

const rounded = (value: number): string => value.toFixed(value < 10 ? 2 : 0)

const known = knownGrowths()
const knownOf = (name: string): string => (known.has(name) ? `: reads ${known.get(name)}` : '')

/** A row for each operation, of which the last two are the ratio of the largest to the smallest size, and the verdict. */
function growthRows(all: readonly Figures[]): { rows: string[][]; growths: Record<string, Growth> } {
  const growths: Record<string, Growth> = {}
  const rows = Object.keys(all[0]?.costs ?? {}).map((name) => {
    const found = all.flatMap(({ costs: { [name]: cost }, ...size }) =>
      cost === undefined ? [] : [{ ...cost, size: size.inFlight + size.finished }],
    )
    const growth = growthOf(found.map(({ size, cpuMicros }) => ({ size, cost: cpuMicros })))
    growths[name] = growth
    return [
      name,
      ...found.map(({ cpuMicros }) => rounded(cpuMicros)),
      ...found.map(({ p50 }) => (p50 === null ? '' : rounded(p50))),
      rounded(growth.ratios.at(-1) ?? 1),
      growth.isSlower ? 'yes' : `no${knownOf(name)}`,
    ]
  })
  return { rows, growths }
}

function show(all: readonly Figures[], titles: string[]): Record<string, Growth> {
  const { rows, growths } = growthRows(all)
  const [first] = Object.values(growths)
  const slower = `slower than log n (${rounded(first?.logarithmic ?? 1)})`
  const p50s = titles.map((title) => `p50 ms, ${title}`)
  say(`\n${table(['CPU µs for each', ...titles, ...p50s, 'ratio', slower], rows)}\n`)
  const sizesOf = (title: string, figure: (of: Figures) => number) => [
    title,
    ...all.map((of) => rounded(figure(of))),
  ]
  say(
    table(
      ['of the gateway', ...titles],
      [
        sizesOf('start until it is ready, ms', ({ startMs }) => median(startMs)),
        sizesOf('memory when ready, MB', ({ megabytes }) => megabytes.ready),
        sizesOf('memory after all of this, MB', ({ megabytes }) => megabytes.after),
        sizesOf('database, MB', ({ megabytesOnDisk }) => megabytesOnDisk),
      ],
    ),
  )
  const tasks = (all[0]?.housework ?? []).map(({ task }, place) => [
    task,
    ...all.flatMap(({ housework: { [place]: work } }) =>
      work === undefined ? [] : [work.ms, work.cpuMs, work.longestHoldMs].map(rounded),
    ),
  ])
  const heads = titles.flatMap((title) => [`ms, ${title}`, 'CPU ms', 'longest hold ms'])
  if (tasks.length > 0) say(`\n${table(['housework', ...heads], tasks)}`)
  return growths
}

const growths = {
  inFlight: show(
    inFlight,
    inFlight.map((size) => `${size.inFlight} in flight`),
  ),
  finished:
    finished.length === 0
      ? {}
      : show(
          finished,
          finished.map((size) => `${size.finished} finished`),
        ),
}
if (given.json !== undefined)
  await writeFile(
    given.json,
    `${JSON.stringify({ node: process.versions.node, given, inFlight, finished, growths }, null, 2)}\n`,
  )
if (Object.values(growths).some((of) => Object.values(of).some(({ isSlower }) => !isSlower)))
  process.exitCode = 1
