import { sql, type Kysely } from 'kysely'
import { crashPoints } from '../../domain/scheduling/crash.ts'
import { asideOwner } from './crash-counts.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'

type ClaimValues = { pool: string; now: number; owner: string; leaseUntil: number; limit: number }

/** Statements that find and claim due rows. None reads more rows than it claims plus those that others hold. */
export function prepareDueRows(queries: Kysely<Schema>, skipLocked: boolean) {
  // A lease that ended was of a node that was killed, or of nobody: one that was set aside.
  const counted = skipLocked
    ? sql`crash_points = crash_points + case when lease_owner is null or lease_owner = ${sql.lit(asideOwner)} then 0 else ${sql.lit(crashPoints.killed)} end,`
    : sql``
  const locks = skipLocked ? sql`for no key update skip locked` : sql``

  const prepareClaim = (by: 'pool' | 'expiry') =>
    prepareQuery<ClaimValues, unknown>((parameter) => {
      const due =
        by === 'pool'
          ? sql`due_pool = ${parameter('pool')} and due_at <= ${parameter('now')} and due_at is not null`
          : sql`expires_at <= ${parameter('now')} and expires_at is not null`
      const statement = sql`
        with due as materialized (
          select id from generations
          where ${due} and (lease_until is null or lease_until <= ${parameter('now')})
          order by ${sql.ref(by === 'pool' ? 'due_at' : 'expires_at')}
          limit ${parameter('limit')} ${locks})
        update generations set ${counted} lease_owner = ${parameter('owner')}, lease_until = ${parameter('leaseUntil')}
        where id in (select id from due)
        returning doc, version, crash_points`
      return { compile: () => statement.compile(queries) }
    })

  return {
    claimIn: prepareClaim('pool'),
    claimExpired: prepareClaim('expiry'),
    /** The pools with waiting or claimed work: one index seek per pool. */
    pools: prepareQuery<Record<string, never>, unknown>(() => {
      const statement = sql`
        with recursive pools (pool) as (
          select (select due_pool from generations where due_at is not null order by due_pool limit 1)
          union all
          select (
            select due_pool from generations
            where due_at is not null and due_pool > pools.pool order by due_pool limit 1)
          from pools where pool is not null)
        select pool from pools where pool is not null`
      return { compile: () => statement.compile(queries) }
    }),
    earliestIn: prepareQuery<{ pool: string }, unknown>((parameter) => {
      const statement = sql`
        select due_at as at from generations
        where due_pool = ${parameter('pool')} and due_at is not null and lease_owner is null
        order by due_at limit 1`
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
