import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import type { Generation } from '../domain/generation.ts'
import type { InsertLimits, InsertOutcome } from '../ports/generation-store.ts'
import { prepareQuery } from './prepared-query.ts'
import type { Schema } from './schema.ts'

type Broken = Extract<InsertOutcome, { type: 'over_budget' | 'too_many_in_flight' }>

/** Which limit of its key a generation would break if it were inserted now, and what the key has committed without it. */
export type CheckLimits = (
  transaction: Kysely<Schema>,
  generation: Generation,
  limits: InsertLimits,
) => Promise<{ broken: Broken | null; committedMicros: number }>

const unfinishedRow = z.object({ generations: z.number(), headroom_micros: z.number() })
const spentRow = z.object({ micros: z.number() })

export function prepareCheckLimits(queries: Kysely<Schema>): CheckLimits {
  const commitments = prepareCommitments(queries)

  return async (transaction, { tenant, key, plan }, { monthStart, monthlyBudgetMicros, maxInFlight }) => {
    if (monthlyBudgetMicros === null && maxInFlight === null) return { broken: null, committedMicros: 0 }
    const { inFlight, micros } = await commitments(transaction, { tenant, key, monthStart })
    if (monthlyBudgetMicros !== null && micros + plan.worstCaseCostMicros > monthlyBudgetMicros) {
      return { broken: { type: 'over_budget', committedMicros: micros }, committedMicros: micros }
    }
    const crowded = maxInFlight !== null && inFlight >= maxInFlight
    return { broken: crowded ? { type: 'too_many_in_flight', inFlight } : null, committedMicros: micros }
  }
}

/**
 * What a key has committed in a month: every attempt that started in it at its cost, or at its reservation while that is
 * not settled, and whatever its unfinished generations may still come to cost.
 */
export function prepareCommitments(queries: Kysely<Schema>) {
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
  return prepareQuery<{ tenant: string; key: string }, unknown>((slot) =>
    queries
      .selectFrom('generations')
      .select(({ fn }) => [
        fn.countAll().as('generations'),
        sql`cast(coalesce(sum(headroom_micros), 0) as bigint)`.as('headroom_micros'),
      ])
      .where('tenant', '=', slot('tenant'))
      .where('key', '=', slot('key'))
      .where(sql<boolean>`status in ('queued', 'in_progress')`),
  )
}

function prepareSpent(queries: Kysely<Schema>) {
  const amount = sql`case when cost_state = 'settled' then cost_micros else reserved_micros end`
  return prepareQuery<{ tenant: string; key: string; monthStart: number }, unknown>((slot) =>
    queries
      .selectFrom('attempts')
      .select(sql`cast(coalesce(sum(${amount}), 0) as bigint)`.as('micros'))
      .where('tenant', '=', slot('tenant'))
      .where('key', '=', slot('key'))
      .where('started_at', '>=', slot('monthStart')),
  )
}
