import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { fitsCap, nextDayStart } from '../../domain/steering/spend-cap.ts'
import type { DaySpend, SpendLimit } from '../../domain/steering/spend-cap.ts'
import type { Database } from '../engine/database.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'

const dayMs = 86_400_000
const rows = z.array(z.object({ upstream: z.string(), spentMicros: z.number(), reservedMicros: z.number() }))

/**
 * What each upstream spent on a day. Reads the running totals of the day in one statement, so that no attempt is counted
 * both as reserved and as spent. Until the totals are counted, the attempts are summed up.
 */
export function prepareSpendOf({ read, totals }: Pick<Database, 'read' | 'totals'>) {
  const fromTotals = prepareFromTotals(read)
  const fromAttempts = prepareFromAttempts(read)
  return async (executor: Kysely<Schema>, dayStart: number): Promise<Map<string, DaySpend>> => {
    const found = await (totals.usable
      ? fromTotals(executor, { day: dayStart / dayMs })
      : fromAttempts(executor, { from: dayStart, to: nextDayStart({ dayStart }) }))
    return new Map(rows.parse(found).map(({ upstream, ...spend }) => [upstream, { dayStart, ...spend }]))
  }
}

/** Within the transaction that stores the start of an attempt: whether it fits with all others of the day. */
export function prepareFitsSpendCap(database: Pick<Database, 'read' | 'totals'>) {
  const spendOf = prepareSpendOf(database)
  return async (transaction: Kysely<Schema>, limit: SpendLimit): Promise<boolean> => {
    const spend = (await spendOf(transaction, limit.dayStart)).get(limit.upstream)
    return fitsCap((spend?.spentMicros ?? 0) + (spend?.reservedMicros ?? 0), limit)
  }
}

function prepareFromTotals(queries: Kysely<Schema>) {
  return prepareQuery<{ day: number }>((parameter) =>
    queries
      .selectFrom('usage_days')
      .select([
        'upstream',
        sql`cast(sum(cost_micros) as bigint)`.as('spentMicros'),
        sql`cast(sum(reserved_micros) as bigint)`.as('reservedMicros'),
      ])
      .where('day', '=', parameter('day'))
      .groupBy('upstream'),
  )
}

function prepareFromAttempts(queries: Kysely<Schema>) {
  return prepareQuery<{ from: number; to: number }>((parameter) =>
    queries
      .selectFrom('attempts')
      .select([
        'upstream',
        sql`cast(sum(case when cost_state = 'settled' then cost_micros else 0 end) as bigint)`.as(
          'spentMicros',
        ),
        sql`cast(sum(case when cost_state = 'settled' then 0 else reserved_micros end) as bigint)`.as(
          'reservedMicros',
        ),
      ])
      .where('started_at', '>=', parameter('from'))
      .where('started_at', '<', parameter('to'))
      .groupBy('upstream'),
  )
}
