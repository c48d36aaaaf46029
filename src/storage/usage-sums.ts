import { sql, type Kysely, type RawBuilder } from 'kysely'
import { z } from 'zod'
import type { GenerationStore } from '../ports/generation-store.ts'
import type { UsageDimension, UsageFigures, UsageGroup, UsageQuery } from '../ports/usage.ts'
import type { Database } from './database.ts'
import { upstreamKind } from './generation-document.ts'
import type { Schema } from './schema.ts'
import { generationsOfPaths, isOfWholeDays, sumsOfDays } from './usage-totals.ts'

const dayMs = 24 * 3600_000

/** Literal, since an expression to group by must be the one that is selected. Both engines divide whole numbers to whole ones. */
const dimensions: Record<UsageDimension, RawBuilder<unknown>> = {
  tenant: sql.ref('tenant'),
  key: sql.ref('key'),
  upstream: sql.ref('upstream'),
  kind: sql.ref('kind'),
  model: sql.ref('model'),
  character: sql.ref('characters'),
  day: sql`started_at / ${sql.lit(dayMs)}`,
}

const settled = sql`cost_state = 'settled'`
const compared = sql`${settled} and vendor_micros is not null`
const ended = sql`state in ('succeeded', 'failed')`

const sumOf = (condition: RawBuilder<unknown>, amount: RawBuilder<unknown>) =>
  sql<number>`cast(coalesce(sum(case when ${condition} then ${amount} else 0 end), 0) as bigint)`

const figures = [
  sql<number>`count(*)`.as('attempts'),
  sql<number>`count(distinct generation)`.as('generations'),
  sumOf(sql`delivered = 1`, sql`1`).as('videos'),
  sumOf(settled, sql`cost_micros`).as('costMicros'),
  sumOf(sql`not (${settled})`, sql`reserved_micros`).as('reservedMicros'),
  sumOf(sql`not (${settled}) and (state in ('unknown', 'abandoned') or ${ended})`, sql`reserved_micros`).as(
    'unknownMicros',
  ),
  sumOf(sql`${settled} and ${ended} and delivered = 0`, sql`cost_micros`).as('unusedMicros'),
  sumOf(sql`${settled} and cost_micros > cheapest_micros`, sql`cost_micros - cheapest_micros`).as(
    'premiumMicros',
  ),
  // Where no comparison was kept, nothing was saved and nothing was lost.
  sumOf(sql`delivered = 1`, sql`coalesce(official_micros, cost_micros)`).as('officialMicros'),
  sumOf(compared, sql`1`).as('vendorAttempts'),
  sumOf(compared, sql`vendor_micros`).as('vendorMicros'),
  sumOf(compared, sql`cost_micros`).as('vendorComputedMicros'),
]

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
  })
  .transform(({ character, day, ...words }): UsageGroup => ({
    ...words,
    characters: character === undefined ? null : characters.parse(JSON.parse(character)),
    day: day === undefined ? null : day * dayMs,
  }))

/** Reports over the attempts, which outlive their generations. */
export function createUsageSums({ read, totals: running }: Database): GenerationStore['usage'] {
  return (query) =>
    // One transaction sees one state of the table, so that the rows add up to the totals.
    read.transaction().execute(async (transaction) => {
      if (running.reportable && isOfWholeDays(query)) return fromTotals(transaction, query)
      const rows = await sums(transaction, query, query.groupBy).limit(query.limit).execute()
      const [totals] = await sums(transaction, query, []).execute()
      return {
        rows: rows.map((row) => ({ ...groupRow.parse(row), ...figuresRow.parse(row) })),
        totals: figuresRow.parse(totals),
      }
    })
}

async function fromTotals(transaction: Kysely<Schema>, query: UsageQuery) {
  const { groupBy, limit } = query
  const found = await sumsOfDays(transaction, query, groupBy).limit(limit).execute()
  const counts = z.array(countedRow).parse(await generationsOfPaths(transaction, query, groupBy).execute())
  const groupOf = (row: Record<string, unknown>) => JSON.stringify(groupBy.map((name) => row[name]))
  const generations = new Map(counts.map((row) => [groupOf(row), row.generations]))
  const [sum] = await sumsOfDays(transaction, query, []).execute()
  const [count] = await generationsOfPaths(transaction, query, []).execute()
  return {
    rows: found.map((row) => ({
      ...groupRow.parse(row),
      ...figuresRow.parse({ ...row, generations: generations.get(groupOf(row)) ?? 0 }),
    })),
    totals: figuresRow.parse({ ...sum, ...count }),
  }
}

function sums(transaction: Kysely<Schema>, { tenant, from, to }: UsageQuery, by: readonly UsageDimension[]) {
  const groups = by.map((dimension) => dimensions[dimension])
  const chosen = transaction
    .selectFrom('attempts')
    .select(by.map((dimension) => dimensions[dimension].as(dimension)))
    .select(figures)
    .where('started_at', '>=', from)
    .where('started_at', '<', to)
    .$if(tenant !== null, (query) => query.where('tenant', '=', tenant))
    .$if(by.length > 0, (query) => query.groupBy(groups))
  return groups.reduce((query, group) => query.orderBy(group), chosen)
}
