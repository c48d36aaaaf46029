/** What the programs of this folder have in common: options, a folder for what they write, and figures that are shown and kept. */
import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { median, table } from './figures.ts'

/** For options: a positive whole number, by default this one. */
export const count = (usual: number) => z.coerce.number().int().positive().default(usual)
/** For options: a positive number, by default this one. */
export const amount = (usual: number) => z.coerce.number().positive().default(usual)

/** For options: given or not. */
export const flag = z.boolean().default(false)

/**
 * The options of this process: those of `shape`, `--only PART` (again and again; by default all parts), `--directory` for what
 * is written, and `--json FILE`. Throws for others.
 */
export function parseOptions<const Part extends string, Shape extends z.ZodRawShape>(
  parts: readonly Part[],
  shape: Shape,
) {
  const named = Object.entries(shape).map(
    ([name, schema]) => [name, { type: schema === flag ? 'boolean' : 'string' }] as const,
  )
  const { values } = parseArgs({
    options: {
      ...Object.fromEntries(named),
      only: { type: 'string', multiple: true, default: [...parts] },
      directory: { type: 'string', default: tmpdir() },
      json: { type: 'string' },
    },
  })
  const common = { only: z.array(z.enum(parts)), directory: z.string(), json: z.string().optional() }
  return z.object({ ...common, ...shape }).parse(values)
}

/** A new folder in `directory`, which is removed when this process ends, by a signal as well. */
export async function makeRoot(directory: string, name: string): Promise<string> {
  const root = await mkdtemp(join(directory, `understudy-${name}-`))
  process.once('exit', () => rmSync(root, { recursive: true, force: true }))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  return root
}

export const say = (text: string): void => void process.stdout.write(`${text}\n`)

const Figure = z.object({
  name: z.string(),
  unit: z.string(),
  /** Decimals that are shown. */
  digits: z.number(),
  /** One for each round or event. */
  values: z.array(z.number()).min(1),
})

/** Something measured. */
export type Figure = z.infer<typeof Figure>

/** What each program writes with `--json`, beside figures of its own. */
export const Figures = z.object({ rows: z.array(Figure) })

export interface FigureNotes {
  rows: () => Figure[]
  /** Adds to the row with this name, which is new or has the same unit. */
  note: (name: string, unit: string, digits: number, ...values: number[]) => void
  /** Medians with the least and the most. */
  shown: () => string
}

export function createFigureNotes(): FigureNotes {
  const rows = new Map<string, Figure>()
  return {
    rows: () => [...rows.values()],
    note(name, unit, digits, ...values) {
      const row = rows.get(name) ?? { name, unit, digits, values: [] }
      row.values.push(...values)
      rows.set(name, row)
    },
    shown: () =>
      table(
        ['row', 'median', 'least', 'most', 'unit'],
        [...rows.values()].map(({ name, unit, digits, values }) => [
          name,
          ...[median(values), Math.min(...values), Math.max(...values)].map((value) => value.toFixed(digits)),
          unit,
        ]),
      ),
  }
}

/** Where `--json` was given. `content`: what it was told, its rows, and figures of its own. */
export async function keepFigures(
  file: string | undefined,
  content: { given: object; rows: readonly Figure[] } & Record<string, unknown>,
): Promise<void> {
  if (file === undefined) return
  await writeFile(file, `${JSON.stringify({ node: process.versions.node, ...content }, null, 2)}\n`)
}
