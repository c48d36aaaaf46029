import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { PoolShare } from '../../domain/scheduling/pool-shares.ts'
import { isFree, prepareClaim, type ClaimValues, type DueRows } from './claim-statement.ts'
import { prepareQuery, steady } from '../engine/prepared-query.ts'
import { prepareScheduledRows } from './scheduled-rows.ts'
import type { Schema } from '../schema.ts'

export function prepareDueRows(queries: Kysely<Schema>, skipLocked: boolean): DueRows {
  return skipLocked ? prepareScheduledRows(queries) : prepareLoneRows(queries)
}

/** For one process. None reads more rows than it returns plus those that are claimed, of which there are a few hundred. */
function prepareLoneRows(queries: Kysely<Schema>): DueRows {
  const compiled = (statement: RawBuilder<unknown>) => ({ compile: () => statement.compile(queries) })
  const claimIn = prepareClaim<ClaimValues & PoolShare>(
    queries,
    (parameter) => sql`
      select id from generations
      where due_pool = ${parameter('pool')} and due_at <= ${parameter('now')} and due_at is not null and ${isFree(parameter)}
      order by due_at limit ${steady(parameter('most'))}`,
  )
  return {
    async claim(executor, shares, values) {
      const rows: unknown[] = []
      for (const share of shares) rows.push(...(await claimIn(executor, { ...values, ...share })))
      return rows
    },
    claimExpired: prepareClaim(
      queries,
      (parameter) => sql`
        select id from generations
        where expires_at <= ${parameter('now')} and expires_at is not null and ${isFree(parameter)}
        order by expires_at limit ${steady(parameter('limit'))}`,
    ),
    // Two index seeks per pool.
    pools: prepareQuery(() =>
      compiled(sql`
        with recursive pools (pool) as (
          select (select due_pool from generations where due_at is not null order by due_pool limit 1)
          union all
          select (
            select due_pool from generations
            where due_at is not null and due_pool > pools.pool order by due_pool limit 1)
          from pools where pool is not null)
        select pool, (
          select due_at from generations where due_pool = pools.pool and due_at is not null order by due_at limit 1) as due_at
        from pools where pool is not null`),
    ),
    earliestIn: prepareQuery((parameter) =>
      compiled(sql`
        select (
          select due_at from generations
          where due_pool = value and due_at is not null and lease_owner is null
          order by due_at limit 1) as at
        from json_each(cast(${parameter('pools')} as text)) as wanted`),
    ),
    earliestExpiry: prepareQuery(() =>
      compiled(sql`
        select expires_at as at from generations
        where expires_at is not null and lease_owner is null
        order by expires_at limit 1`),
    ),
  }
}
