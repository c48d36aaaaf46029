import { sql, type Kysely, type RawBuilder } from 'kysely'
import { crashPoints } from '../../domain/scheduling/crash.ts'
import type { PoolShare } from '../../domain/scheduling/pool-shares.ts'
import { asideOwner } from './crash-counts.ts'
import { prepareQuery, type Parameter } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'

type ClaimValues = { now: number; owner: string; leaseUntil: number }

const isFree = <Values extends ClaimValues>(parameter: Parameter<Values>) =>
  sql`(lease_until is null or lease_until <= ${parameter('now')})`

/** Text sorts by its bytes in every table; what comes out of JSON has to be told. */
const byBytesIn = (skipLocked: boolean) => (skipLocked ? sql`collate "C"` : sql``)

/** Statements that find and claim due rows. None reads more rows than it claims plus those that others hold. */
export function prepareDueRows(queries: Kysely<Schema>, skipLocked: boolean) {
  const byBytes = byBytesIn(skipLocked)
  return {
    ...prepareClaims(queries, skipLocked),
    /** The pools with waiting or claimed work in the order of their names, and when the first of it is due: two index seeks per pool. */
    pools: prepareQuery<Record<string, never>, unknown>(() => {
      const statement = sql`
        with recursive pools (pool) as (
          select (select due_pool from generations where due_at is not null order by due_pool limit 1)
          union all
          select (
            select due_pool from generations
            where due_at is not null and due_pool > pools.pool order by due_pool limit 1)
          from pools where pool is not null)
        select pool, (
          select due_at from generations where due_pool = pools.pool and due_at is not null order by due_at limit 1) as due_at
        from pools where pool is not null`
      return { compile: () => statement.compile(queries) }
    }),
    /** Of the given pools, as a JSON array; a row for each, with null where nothing waits. */
    earliestIn: prepareQuery<{ pools: string }, unknown>((parameter) => {
      const statement = sql`
        select (
          select due_at from generations
          where due_pool = value ${byBytes} and due_at is not null and lease_owner is null
          order by due_at limit 1) as at
        from json_each(cast(${parameter('pools')} as text)) as wanted`
      return { compile: () => statement.compile(queries) }
    }),
    earliestExpiry: prepareQuery<Record<string, never>, unknown>(() => {
      const statement = sql`
        select expires_at as at from generations
        where expires_at is not null and lease_owner is null
        order by expires_at limit 1`
      return { compile: () => statement.compile(queries) }
    }),
  }
}

function prepareClaims(queries: Kysely<Schema>, skipLocked: boolean) {
  const byBytes = byBytesIn(skipLocked)
  // A lease that ended was of a node that was killed, or of nobody: one that was set aside.
  const counted = skipLocked
    ? sql`crash_points = crash_points + case when lease_owner is null or lease_owner = ${sql.lit(asideOwner)} then 0 else ${sql.lit(crashPoints.killed)} end,`
    : sql``
  const locks = skipLocked ? sql`for no key update skip locked` : sql``
  // PostgreSQL cannot tell how many are due. With an array it expects a few, and seeks each, however many rows there are.
  const isChosen = skipLocked ? sql`id = any(array(select id from due))` : sql`id in (select id from due)`

  const claim = <Values extends ClaimValues>(parameter: Parameter<Values>, due: RawBuilder<unknown>) => {
    const statement = sql`
      with due as materialized (${due})
      update generations set ${counted} lease_owner = ${parameter('owner')}, lease_until = ${parameter('leaseUntil')}
      where ${isChosen}
      returning doc, version, crash_points`
    return { compile: () => statement.compile(queries) }
  }

  const claimIn = prepareQuery<ClaimValues & PoolShare, unknown>((parameter) =>
    claim(
      parameter,
      sql`
        select id from generations
        where due_pool = ${parameter('pool')} and due_at <= ${parameter('now')} and due_at is not null and ${isFree(parameter)}
        order by due_at limit ${parameter('most')}`,
    ),
  )
  const claimInEach = prepareQuery<ClaimValues & { shares: string }, unknown>((parameter) =>
    claim(
      parameter,
      sql`
        select found.id from json_to_recordset(cast(${parameter('shares')} as json)) as wanted (pool text, most bigint)
        cross join lateral (
          select id from generations
          where due_pool = wanted.pool ${byBytes} and due_at <= ${parameter('now')} and due_at is not null
            and ${isFree(parameter)}
          order by due_at limit wanted.most ${locks}) found`,
    ),
  )

  return {
    /** In one statement where each takes a round trip, because there may be hundreds of pools. */
    async claim(
      executor: Kysely<Schema>,
      shares: readonly PoolShare[],
      values: ClaimValues,
    ): Promise<unknown[]> {
      if (shares.length === 0) return []
      if (skipLocked) return claimInEach(executor, { ...values, shares: JSON.stringify(shares) })
      const rows: unknown[] = []
      for (const share of shares) rows.push(...(await claimIn(executor, { ...values, ...share })))
      return rows
    },
    claimExpired: prepareQuery<ClaimValues & { limit: number }, unknown>((parameter) =>
      claim(
        parameter,
        sql`
          select id from generations
          where expires_at <= ${parameter('now')} and expires_at is not null and ${isFree(parameter)}
          order by expires_at limit ${parameter('limit')} ${locks}`,
      ),
    ),
  }
}
