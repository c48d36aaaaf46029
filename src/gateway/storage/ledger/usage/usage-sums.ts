import type { RawBuilder } from 'kysely'
import { z } from 'zod'
import type { GenerationLedger } from '../../../ports/generations/generation-ledger.ts'
import type { UsageFigures, UsageGroup, UsageQuery } from '../../../ports/generations/usage-reports.ts'
import type { Database } from '../../engine/database.ts'
import { upstreamKind } from '../../generations/generation-document.ts'
import { generationsOf, sumsOf } from './usage-queries.ts'
import { dayMs, hourMs, spanOf } from './usage-span.ts'

const figuresRow: z.ZodType<UsageFigures> = z.object({
  attempts: z.number(),
  generations: z.number(),
  videos: z.number(),
  costMicros: z.number(),
  reservedMicros: z.number(),
  unknownMicros: z.number(),
  unusedMicros: z.number(),
  premiumMicros: z.number(),
  officialMicros: z.number(),
  vendorAttempts: z.number(),
  vendorMicros: z.number(),
  vendorComputedMicros: z.number(),
})

const word = z.string().nullable().default(null)
const characters = z.array(z.object({ id: z.templateLiteral(['char_', z.string()]), name: z.string() }))

const row = z.record(z.string(), z.unknown())
const countedRow = z.looseObject({ generations: z.number() })

const groupRow = z
  .object({
    tenant: word,
    key: word,
    upstream: word,
    kind: upstreamKind.nullable().default(null),
    model: word,
    character: z.string().optional(),
    day: z.number().optional(),
    hour: z.number().optional(),
  })
  .transform(({ character, day, hour, ...words }): UsageGroup => ({
    ...words,
    characters: character === undefined ? null : characters.parse(JSON.parse(character)),
    day: day === undefined ? null : day * dayMs,
    hour: hour === undefined ? null : hour * hourMs,
  }))

/** The queries of a report: its rows, the number of generations of each row, and both for all rows together. */
export function usageQueries(query: UsageQuery, hasTotals: boolean): Array<RawBuilder<unknown>> {
  const span = spanOf(query, hasTotals)
  return [query.groupBy, []].flatMap((by) => [sumsOf(query, span, by), generationsOf(query, span, by)])
}

/** Reports over the attempts, which outlive their generations. They run off the event loop. */
export function createUsageSums({ read, totals: running, report }: Database): GenerationLedger['usage'] {
  return async (query) => {
    const { groupBy } = query
    const compiled = usageQueries(query, running.reportable).map((each) => each.compile(read))
    const [found = [], counted = [], sums = [], count = []] = z
      .array(z.array(row))
      .parse(await report(compiled))
    const groupOf = (each: Record<string, unknown>) => JSON.stringify(groupBy.map((name) => each[name]))
    const counts = z.array(countedRow).parse(counted)
    const generations = new Map(counts.map((each) => [groupOf(each), each.generations]))
    return {
      rows: found.map((each) => ({
        ...groupRow.parse(each),
        ...figuresRow.parse({ ...each, generations: generations.get(groupOf(each)) ?? 0 }),
      })),
      totals: figuresRow.parse({ ...sums[0], ...count[0] }),
    }
  }
}
