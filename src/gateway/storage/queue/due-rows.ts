import { sql, type Kysely } from 'kysely'
import { prepareQuery } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'

type ClaimValues = { lane: string; now: number; owner: string; leaseUntil: number; limit: number }

/** The statements that find and claim what is due; none looks at more rows than it takes and others have in hand. */
export function prepareDueRows(queries: Kysely<Schema>, skipLocked: boolean) {
  const locks = skipLocked ? sql`for update skip locked` : sql``

  const prepareClaim = (by: 'lane' | 'expiry') =>
    prepareQuery<ClaimValues, unknown>((slot) => {
      const due =
        by === 'lane'
          ? sql`due_lane = ${slot('lane')} and due_at <= ${slot('now')} and due_at is not null`
          : sql`expires_at <= ${slot('now')} and expires_at is not null`
      const statement = sql`
        update generations set lease_owner = ${slot('owner')}, lease_until = ${slot('leaseUntil')}
        where id in (
          select id from generations
          where ${due} and (lease_until is null or lease_until <= ${slot('now')})
          order by ${sql.ref(by === 'lane' ? 'due_at' : 'expires_at')}
          limit ${slot('limit')} ${locks})
        returning doc, version, crash_points`
      return { compile: () => statement.compile(queries) }
    })

  return {
    claimLane: prepareClaim('lane'),
    claimExpired: prepareClaim('expiry'),
    /** The lanes in which anything waits or is in hand: one seek in the index for each. */
    lanes: prepareQuery<Record<string, never>, unknown>(() => {
      const statement = sql`
        with recursive lanes (lane) as (
          select (select due_lane from generations where due_at is not null order by due_lane limit 1)
          union all
          select (
            select due_lane from generations
            where due_at is not null and due_lane > lanes.lane order by due_lane limit 1)
          from lanes where lane is not null)
        select lane from lanes where lane is not null`
      return { compile: () => statement.compile(queries) }
    }),
    earliestIn: prepareQuery<{ lane: string }, unknown>((slot) => {
      const statement = sql`
        select due_at as at from generations
        where due_lane = ${slot('lane')} and due_at is not null and lease_owner is null
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
