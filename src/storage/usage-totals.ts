import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { UsageDimension, UsageQuery } from '../ports/usage.ts'
import type { Schema } from './schema.ts'

const dayMs = 24 * 3600_000

/** The running totals are of whole days. */
export function isOfWholeDays({ from, to }: UsageQuery): boolean {
  return from % dayMs === 0 && to % dayMs === 0
}

const dimensions: Record<UsageDimension, RawBuilder<unknown>> = {
  tenant: sql.ref('tenant'),
  key: sql.ref('key'),
  upstream: sql.ref('upstream'),
  kind: sql.ref('kind'),
  model: sql.ref('model'),
  character: sql.ref('characters'),
  day: sql.ref('day'),
}

/** Those that the attempts of one generation may differ in. */
const varying: ReadonlySet<UsageDimension> = new Set(['day', 'upstream', 'kind'])

const sumOf = (column: string) => sql<number>`cast(coalesce(sum(${sql.ref(column)}), 0) as bigint)`

const figures = [
  sumOf('attempts').as('attempts'),
  sumOf('videos').as('videos'),
  sumOf('cost_micros').as('costMicros'),
  sumOf('reserved_micros').as('reservedMicros'),
  sumOf('unknown_micros').as('unknownMicros'),
  sumOf('unused_micros').as('unusedMicros'),
  sumOf('premium_micros').as('premiumMicros'),
  sumOf('official_micros').as('officialMicros'),
  sumOf('vendor_attempts').as('vendorAttempts'),
  sumOf('vendor_micros').as('vendorMicros'),
  sumOf('vendor_computed_micros').as('vendorComputedMicros'),
]

/** Everything but the number of generations, in the order of the groups. */
export function sumsOfDays(
  executor: Kysely<Schema>,
  { tenant, from, to }: UsageQuery,
  by: readonly UsageDimension[],
) {
  const groups = by.map((dimension) => dimensions[dimension])
  const chosen = executor
    .selectFrom('usage_days')
    .select(by.map((dimension) => dimensions[dimension].as(dimension)))
    .select(figures)
    .where('day', '>=', from / dayMs)
    .where('day', '<', to / dayMs)
    .$if(tenant !== null, (query) => query.where('tenant', '=', tenant))
    .$if(by.length > 0, (query) => query.groupBy(groups))
  return groups.reduce((query, group) => query.orderBy(group), chosen)
}

/** Each generation once in every group that one of its attempts belongs to. */
export function generationsOfPaths(
  executor: Kysely<Schema>,
  { tenant, from, to }: UsageQuery,
  by: readonly UsageDimension[],
) {
  const ofParts = by.filter((dimension) => varying.has(dimension))
  return executor
    .with('met', (db) =>
      db
        .selectFrom('usage_path_parts')
        .select('path')
        .select(ofParts.map((dimension) => dimensions[dimension].as(dimension)))
        .distinct()
        .where('day', '>=', from / dayMs)
        .where('day', '<', to / dayMs),
    )
    .selectFrom('met')
    .innerJoin('usage_paths', 'usage_paths.path', 'met.path')
    .select(by.map((dimension) => dimensions[dimension].as(dimension)))
    .select(sumOf('generations').as('generations'))
    .$if(tenant !== null, (query) => query.where('tenant', '=', tenant))
    .$if(by.length > 0, (query) => query.groupBy(by.map((dimension) => dimensions[dimension])))
}
