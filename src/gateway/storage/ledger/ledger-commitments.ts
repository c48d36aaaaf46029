import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { prepareQuery } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'

const unfinishedRow = z.object({ generations: z.number(), headroom_micros: z.number() })
const spentRow = z.object({ micros: z.number() })

/** Computes the commitments of a key from the attempts, while its totals are not fully counted. */
export function prepareLedgerCommitments(queries: Kysely<Schema>) {
  const unfinished = prepareUnfinished(queries)
  const spent = prepareSpent(queries)

  return async (executor: Kysely<Schema>, month: { tenant: string; key: string; monthStart: number }) => {
    const { tenant, key } = month
    const [row] = await unfinished(executor, { tenant, key })
    const { generations: inFlight, headroom_micros } = unfinishedRow.parse(row)
    const [spentSoFar] = await spent(executor, month)
    return { inFlight, micros: headroom_micros + spentRow.parse(spentSoFar).micros }
  }
}

/** The condition is that of the index `generations_unfinished`. */
function prepareUnfinished(queries: Kysely<Schema>) {
  return prepareQuery<{ tenant: string; key: string }>((parameter) =>
    queries
      .selectFrom('generations')
      .select(({ fn }) => [
        fn.countAll().as('generations'),
        sql`cast(coalesce(sum(headroom_micros), 0) as bigint)`.as('headroom_micros'),
      ])
      .where('tenant', '=', parameter('tenant'))
      .where('key', '=', parameter('key'))
      .where(sql<boolean>`status in ('queued', 'in_progress')`),
  )
}

function prepareSpent(queries: Kysely<Schema>) {
  const amount = sql`case when cost_state = 'settled' then cost_micros else reserved_micros end`
  return prepareQuery<{ tenant: string; key: string; monthStart: number }>((parameter) =>
    queries
      .selectFrom('attempts')
      .select(sql`cast(coalesce(sum(${amount}), 0) as bigint)`.as('micros'))
      .where('tenant', '=', parameter('tenant'))
      .where('key', '=', parameter('key'))
      .where('started_at', '>=', parameter('monthStart')),
  )
}
