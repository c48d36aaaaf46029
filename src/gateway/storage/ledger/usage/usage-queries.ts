import { sql, type RawBuilder } from 'kysely'
import type { UsageDimension, UsageFigures, UsageQuery } from '../../../ports/generations/usage-reports.ts'
import { showing } from '../../characters/character-scores.ts'
import { dayMs, hourMs } from './usage-span.ts'
import type { UsageSpan } from './usage-span.ts'

const columns: Record<UsageDimension, string> = {
  tenant: 'tenant',
  key: 'key',
  upstream: 'upstream',
  kind: 'kind',
  model: 'model',
  character: 'characters',
  day: 'day',
  hour: 'hour',
}

/** Dimensions in which attempts of one generation can differ. */
const varying: ReadonlySet<UsageDimension> = new Set(['day', 'hour', 'upstream', 'kind'])

const settled = sql`cost_state = 'settled'`
const ended = sql`state in ('succeeded', 'failed')`
const compared = sql`${settled} and vendor_micros is not null`

const when = (condition: RawBuilder<unknown>, amount: RawBuilder<unknown>) =>
  sql`case when ${condition} then ${amount} else 0 end`

/** Each figure as a column of the daily totals, and as an expression over one attempt. */
const figures: Record<
  Exclude<keyof UsageFigures, 'generations'>,
  [ofDay: string, ofAttempt: RawBuilder<unknown>]
> = {
  attempts: ['attempts', sql`1`],
  videos: ['videos', when(sql`delivered = 1`, sql`1`)],
  costMicros: ['cost_micros', when(settled, sql`cost_micros`)],
  reservedMicros: ['reserved_micros', when(sql`not (${settled})`, sql`reserved_micros`)],
  unknownMicros: [
    'unknown_micros',
    when(sql`not (${settled}) and (state in ('unknown', 'abandoned') or ${ended})`, sql`reserved_micros`),
  ],
  unusedMicros: ['unused_micros', when(sql`${settled} and ${ended} and delivered = 0`, sql`cost_micros`)],
  premiumMicros: [
    'premium_micros',
    when(sql`${settled} and cost_micros > cheapest_micros`, sql`cost_micros - cheapest_micros`),
  ],
  // Without a stored official price, the cost itself counts: nothing saved, nothing lost.
  officialMicros: ['official_micros', when(sql`delivered = 1`, sql`coalesce(official_micros, cost_micros)`)],
  vendorAttempts: ['vendor_attempts', when(compared, sql`1`)],
  vendorMicros: ['vendor_micros', when(compared, sql`vendor_micros`)],
  vendorComputedMicros: ['vendor_computed_micros', when(compared, sql`coalesce(list_micros, cost_micros)`)],
}

/** When an attempt started, in days and in hours since 1970. */
const startOf = sql`e.started_at / ${sql.lit(dayMs)} as day, e.started_at / ${sql.lit(hourMs)} as hour`

const groupWords = sql`tenant, key, upstream, kind, model, characters`

/** Written so that no index on the tenant is used: the rows are selected by time. */
const isOf = ({ tenant, character }: UsageQuery) => {
  const ofTenant = tenant === null ? sql`true` : sql`coalesce(tenant, '') = ${tenant}`
  return character === undefined ? ofTenant : sql`${ofTenant} and ${showing(sql`characters`, character)}`
}

/** A part of the ledger, by the index `attempts_by_start`. */
const startsIn = ({ from, to }: { from: number; to: number }) =>
  sql`e.started_at >= ${from} and e.started_at < ${to}`

/** The groups of the rows in `from`, in order. */
function grouped(by: readonly UsageDimension[], sums: RawBuilder<unknown>, from: RawBuilder<unknown>) {
  const named = by.map((dimension) => sql`${sql.ref(columns[dimension])} as ${sql.ref(dimension)}`)
  const groups = by.map((dimension) => sql.ref(columns[dimension]))
  const order = groups.length === 0 ? sql`` : sql`group by ${sql.join(groups)} order by ${sql.join(groups)}`
  return sql`select ${sql.join([...named, sums])} from ${from} ${order}`
}

/** All sums except the number of generations. */
export function sumsOf(query: UsageQuery, { days, edges }: UsageSpan, by: readonly UsageDimension[]) {
  const ofDay = Object.entries(figures).map(([name, [column]]) => sql`${sql.ref(column)} as ${sql.ref(name)}`)
  const ofAttempt = Object.entries(figures).map(([name, [, amount]]) => sql`${amount} as ${sql.ref(name)}`)
  const pieces = edges.map(
    (edge) => sql`select ${startOf}, ${groupWords}, ${sql.join(ofAttempt)}
      from attempts e where ${startsIn(edge)} and ${isOf(query)}`,
  )
  if (days !== null) {
    pieces.push(sql`select day, null as hour, ${groupWords}, ${sql.join(ofDay)} from usage_days
      where day >= ${days.from} and day < ${days.to} and ${isOf(query)}`)
  }
  const sums = Object.keys(figures).map(
    (name) => sql`cast(coalesce(sum(${sql.ref(name)}), 0) as bigint) as ${sql.ref(name)}`,
  )
  const all = sql`(${sql.join(pieces, sql` union all `)}) pieces`
  return sql`${grouped(by, sql.join(sums), all)} limit ${query.limit}`
}

/** Counts each generation once in every group that one of its attempts belongs to. */
export function generationsOf(query: UsageQuery, { days, edges }: UsageSpan, by: readonly UsageDimension[]) {
  const groups = by.map((dimension) => sql`, ${sql.ref(columns[dimension])}`)
  const ofParts = by.filter((dimension) => varying.has(dimension)).map((dimension) => columns[dimension])
  const pieces: Array<RawBuilder<unknown>> = []
  if (days !== null) {
    const parts = sql.join(['path', ...ofParts].map((name) => sql.ref(name)))
    pieces.push(sql`select generations as n ${sql.join(groups, sql` `)}
      from (select distinct ${parts} from usage_path_parts where day >= ${days.from} and day < ${days.to}) met
      join usage_paths on usage_paths.path = met.path where ${isOf(query)}`)
  }
  if (edges.length > 0) {
    const within = sql.join(
      edges.map((edge) => sql`(${startsIn(edge)})`),
      sql` or `,
    )
    const isNew = days === null || by.includes('day') ? sql`true` : notWithin(days, ofParts)
    pieces.push(sql`select count(distinct e.generation) as n ${sql.join(groups, sql` `)} from (
      select e.*, ${startOf} from attempts e where ${within}) e
      where ${isOf(query)} and ${isNew}
      ${by.length === 0 ? sql`` : sql`group by ${sql.join(by.map((dimension) => sql.ref(columns[dimension])))}`}`)
  }
  const sum = sql`cast(coalesce(sum(n), 0) as bigint) as generations`
  return grouped(by, sum, sql`(${sql.join(pieces, sql` union all `)}) pieces`)
}

/** True if no attempt of the generation within these days is in the same group, where it would be counted already. */
function notWithin(days: { from: number; to: number }, alike: readonly string[]) {
  const same = alike.map((name) => sql`and a.${sql.ref(name)} = e.${sql.ref(name)}`)
  return sql`not exists (select 1 from attempts a where a.generation = e.generation
    and a.started_at >= ${days.from * dayMs} and a.started_at < ${days.to * dayMs} ${sql.join(same, sql` `)})`
}
