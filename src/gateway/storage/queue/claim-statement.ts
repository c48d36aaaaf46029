import { sql, type Kysely, type RawBuilder } from 'kysely'
import { crashPoints } from '../../domain/scheduling/crash.ts'
import type { PoolShare } from '../../domain/scheduling/pool-shares.ts'
import { isPostgres } from '../engine/dialect.ts'
import { prepareQuery, type Parameter, type PreparedQuery } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'
import { asideOwner } from './crash-counts.ts'

export type ClaimValues = { now: number; owner: string; leaseUntil: number }

type NoValues = Record<string, never>

/** Statements that find and claim due rows. */
export interface DueRows {
  claim: (executor: Kysely<Schema>, shares: readonly PoolShare[], values: ClaimValues) => Promise<unknown[]>
  claimExpired: PreparedQuery<ClaimValues & { limit: number }>
  /** The pools with waiting or claimed work in the order of their names, and when the first of it is due. */
  pools: PreparedQuery<NoValues>
  /** Of the given pools, as a JSON array; a row for each, with null where nothing waits. */
  earliestIn: PreparedQuery<{ pools: string }>
  earliestExpiry: PreparedQuery<NoValues>
}

export const isFree = <Values extends ClaimValues>(parameter: Parameter<Values>) =>
  sql`(lease_until is null or lease_until <= ${parameter('now')})`

/** Leases the rows whose ids `due` selects, and returns them. */
export function prepareClaim<Values extends ClaimValues & Record<keyof Values, string | number | null>>(
  queries: Kysely<Schema>,
  due: (parameter: Parameter<Values>) => RawBuilder<unknown>,
): PreparedQuery<Values> {
  const shared = isPostgres(queries)
  // A lease that ended was of a node that was killed, or of nobody: one that was set aside.
  const counted = shared
    ? sql`crash_points = crash_points + case when lease_owner is null or lease_owner = ${sql.lit(asideOwner)} then 0 else ${sql.lit(crashPoints.killed)} end,`
    : sql``
  // PostgreSQL cannot tell how many are due. With an array it expects a few, and seeks each, however many rows there are.
  const isChosen = shared ? sql`id = any(array(select id from due))` : sql`id in (select id from due)`
  return prepareQuery<Values>((parameter) => {
    const statement = sql`
      with due as materialized (${due(parameter)})
      update generations set ${counted} lease_owner = ${parameter('owner')}, lease_until = ${parameter('leaseUntil')}
      where ${isChosen}
      returning id, doc, version, crash_points`
    return { compile: () => statement.compile(queries) }
  })
}
