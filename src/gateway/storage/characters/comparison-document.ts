import { z } from 'zod'
import { cellStates } from '../../domain/characters/comparison.ts'
import { fidelities, shapes } from '../../domain/routing/upstream.ts'
import { clientDocument } from '../accounts/client-document.ts'
import { storedWord } from '../stored-word.ts'
import type { Comparison, ComparisonCell } from '../../domain/characters/comparison.ts'

/** The stored form of a comparison. A field added to the domain needs a `.default(…)` here, as in a generation's document. */

export const comparisonId = z.templateLiteral(['cmp_', z.string()])
const mediaId = z.templateLiteral(['media_', z.string()])

const cell: z.ZodType<ComparisonCell> = z.object({
  scene: z.number(),
  run: z.number(),
  upstream: z.string(),
  generationId: z.templateLiteral(['gen_', z.string()]),
  state: storedWord(cellStates),
  ceilingMicros: z.number(),
  costMicros: z.number().nullable(),
  reservedMicros: z.number().nullable(),
  renderMs: z.number().nullable(),
  fidelity: storedWord(fidelities).nullable(),
  mediaId: mediaId.nullable(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  likeness: z.object({ hashSimilarity: z.number(), colourDistance: z.number() }).nullable(),
  measured: z.boolean(),
})

const comparisonDocument: z.ZodType<Comparison> = z.object({
  id: comparisonId,
  tenant: z.string(),
  name: z.string().nullable().default(null),
  client: clientDocument,
  character: z.object({
    id: z.templateLiteral(['char_', z.string()]),
    name: z.string(),
    clip: mediaId,
  }),
  scenes: z.array(z.string()),
  runs: z.number(),
  upstreams: z.array(z.string()),
  model: z.string(),
  durationSeconds: z.number(),
  size: z.union([z.enum(shapes), z.templateLiteral([z.number(), 'x', z.number()])]),
  maxCostMicros: z.number(),
  cells: z.array(cell),
  createdAt: z.number(),
  completedAt: z.number().nullable(),
  dueAt: z.number().nullable(),
  linkRound: z.int().default(0),
})

const listedRow = z.object({ doc: z.string() })
const storedRow = z.object({ doc: z.string(), version: z.number() })

/** A row of a list, without its version. */
export function parseListedComparison(row: unknown): Comparison {
  return comparisonDocument.parse(JSON.parse(listedRow.parse(row).doc))
}

export function parseComparison(row: unknown): { comparison: Comparison; version: number } {
  const { doc, version } = storedRow.parse(row)
  return { comparison: comparisonDocument.parse(JSON.parse(doc)), version }
}
