import { z } from 'zod'
import { scopes } from '../../domain/accounts/client.ts'
import { cellStates } from '../../domain/characters/comparison.ts'
import { fidelities, shapes, upstreamKinds } from '../../domain/routing/upstream.ts'
import { webhookFormats } from '../../domain/webhooks/webhook-event.ts'
import { storedWord } from '../stored-word.ts'
import type { Comparison, ComparisonCell } from '../../domain/characters/comparison.ts'

/** The stored form of a comparison. A field added to the domain needs a `.default(…)` here, as in a generation's document. */

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
  id: z.templateLiteral(['cmp_', z.string()]),
  tenant: z.string(),
  client: z.object({
    keyId: z.templateLiteral(['key_', z.string()]).default('key_'),
    tenant: z.string(),
    key: z.string(),
    scopes: z.array(storedWord(scopes)),
    allow: z.array(storedWord(upstreamKinds)),
    allowUpstreams: z.array(z.string()).nullable().default(null),
    allowModels: z.array(z.string()).nullable().default(null),
    origin: z.object({ address: z.string(), requestId: z.string() }).exactOptional(),
    monthlyBudgetMicros: z.number().nullable(),
    requestsPerMinute: z.number().nullable(),
    maxInFlight: z.number().nullable(),
    webhookUrl: z.string().nullable().default(null),
    webhookFormat: storedWord(webhookFormats).exactOptional(),
  }),
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

const storedRow = z.object({ doc: z.string(), version: z.number() })

export function parseComparison(row: unknown): { comparison: Comparison; version: number } {
  const { doc, version } = storedRow.parse(row)
  return { comparison: comparisonDocument.parse(JSON.parse(doc)), version }
}
