import { sql, type Kysely, type RawBuilder } from 'kysely'
import { prepareQuery, type Parameter } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'
import { isFree, prepareClaim, type ClaimValues, type DueRows } from './claim-statement.ts'

/** Text in a table sorts by its bytes; what comes out of JSON has to be told. */
const byBytes = sql`collate "C"`

/**
 * The row itself decides: `schedule` says what was true when the statement began. Rows of `generations` alone are locked, and
 * their triggers then change those of `schedule`: whoever locked these first would wait in a circle with a save.
 */
const lockedIf = (condition: RawBuilder<unknown>) => sql`
  cross join lateral (
    select id from generations where id = schedule.generation_id and ${condition}
    for no key update skip locked) free`

/** What is leased and what is not are walked apart, each as far as it is due. Leases that have ended come first. */
const both = (scheduled: RawBuilder<unknown>, most: RawBuilder<unknown>) => sql`
  select found.id from (values (true), (false)) as state (leased)
  cross join lateral (${scheduled} limit ${most}) found limit ${most}`

/** Over the table `schedule`, which triggers keep. None reads more rows than it returns. */
export function prepareScheduledRows(queries: Kysely<Schema>): DueRows {
  const compiled = (statement: RawBuilder<unknown>) => ({ compile: () => statement.compile(queries) })
  const claimInEach = prepareClaim<ClaimValues & { shares: string }>(queries, dueInEach)
  return {
    /** In one statement, because there may be hundreds of pools. */
    claim: (executor, shares, values) =>
      shares.length === 0
        ? Promise.resolve([])
        : claimInEach(executor, { ...values, shares: JSON.stringify(shares) }),
    claimExpired: prepareClaim(queries, expired),
    // One index seek for what is leased in a pool, and one for what is not.
    pools: prepareQuery(() =>
      compiled(sql`
        with recursive pools (pool, leased, due_at) as (
          (select pool, leased, due_at from schedule order by pool, leased, due_at limit 1)
          union all
          select following.* from pools cross join lateral (
            select pool, leased, due_at from schedule
            where (schedule.pool, schedule.leased) > (pools.pool, pools.leased)
            order by pool, leased, due_at limit 1) following)
        select pool, min(due_at) as due_at from pools group by pool order by pool`),
    ),
    earliestIn: prepareQuery((parameter) =>
      compiled(sql`
        select (
          select due_at from schedule where pool = value ${byBytes} and not leased order by due_at limit 1) as at
        from json_each(cast(${parameter('pools')} as text)) as wanted`),
    ),
    earliestExpiry: prepareQuery(() =>
      compiled(sql`
        select expires_at as at from schedule where expires_at is not null and not leased
        order by expires_at limit 1`),
    ),
  }
}

function dueInEach(parameter: Parameter<ClaimValues & { shares: string }>): RawBuilder<unknown> {
  const now = parameter('now')
  const isDue = sql`due_pool = wanted.pool ${byBytes} and due_at <= ${now} and ${isFree(parameter)}`
  const scheduled = sql`
    select free.id from schedule ${lockedIf(isDue)}
    where schedule.pool = wanted.pool ${byBytes} and schedule.leased = state.leased and schedule.due_at <= ${now}
    order by schedule.due_at`
  return sql`
    select each.id from json_to_recordset(cast(${parameter('shares')} as json)) as wanted (pool text, most bigint)
    cross join lateral (${both(scheduled, sql`wanted.most`)}) each`
}

function expired(parameter: Parameter<ClaimValues & { limit: number }>): RawBuilder<unknown> {
  const now = parameter('now')
  const scheduled = sql`
    select free.id from schedule ${lockedIf(sql`expires_at <= ${now} and ${isFree(parameter)}`)}
    where schedule.leased = state.leased and schedule.expires_at <= ${now} and schedule.expires_at is not null
    order by schedule.expires_at`
  return both(scheduled, sql`cast(${parameter('limit')} as bigint)`)
}
