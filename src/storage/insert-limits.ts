import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import type { Generation } from '../domain/generation.ts'
import type { InsertLimits, InsertOutcome } from '../ports/generation-store.ts'
import type { Schema } from './schema.ts'

/** The condition of the index `generations_unfinished`. */
const unfinished = sql<boolean>`status in ('queued', 'in_progress')`

const sums = z.object({ micros: z.number() })
const counted = z.object({ generations: z.number() })

/** Which limit of its key a generation would break if it were inserted now; null when none. */
export async function brokenLimit(
  transaction: Kysely<Schema>,
  { tenant, key, plan }: Generation,
  { monthStart, monthlyBudgetMicros, maxInFlight }: InsertLimits,
): Promise<Extract<InsertOutcome, { type: 'over_budget' | 'too_many_in_flight' }> | null> {
  if (monthlyBudgetMicros !== null) {
    const committedMicros = await committed(transaction, tenant, key, monthStart)
    if (committedMicros + plan.worstCaseCostMicros > monthlyBudgetMicros) {
      return { type: 'over_budget', committedMicros }
    }
  }
  if (maxInFlight !== null) {
    const inFlight = await countInFlight(transaction, tenant, key)
    if (inFlight >= maxInFlight) return { type: 'too_many_in_flight', inFlight }
  }
  return null
}

/**
 * What a key has committed this month, in micro-dollars: every attempt that started in it at its cost, or at its
 * reservation while that is not settled, and whatever its unfinished generations may still come to cost.
 */
async function committed(
  transaction: Kysely<Schema>,
  tenant: string,
  key: string,
  monthStart: number,
): Promise<number> {
  const amount = sql`case when cost_state = 'settled' then cost_micros else reserved_micros end`
  const attempts = await transaction
    .selectFrom('attempts')
    .select(sql`cast(coalesce(sum(${amount}), 0) as bigint)`.as('micros'))
    .where('tenant', '=', tenant)
    .where('key', '=', key)
    .where('started_at', '>=', monthStart)
    .executeTakeFirst()
  const headroom = await transaction
    .selectFrom('generations')
    .select(sql`cast(coalesce(sum(headroom_micros), 0) as bigint)`.as('micros'))
    .where('tenant', '=', tenant)
    .where('key', '=', key)
    .where(unfinished)
    .executeTakeFirst()
  return sums.parse(attempts).micros + sums.parse(headroom).micros
}

async function countInFlight(transaction: Kysely<Schema>, tenant: string, key: string): Promise<number> {
  const row = await transaction
    .selectFrom('generations')
    .select(({ fn }) => fn.countAll().as('generations'))
    .where('tenant', '=', tenant)
    .where('key', '=', key)
    .where(unfinished)
    .executeTakeFirst()
  return counted.parse(row).generations
}
