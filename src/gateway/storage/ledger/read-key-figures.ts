import { sql } from 'kysely'
import { z } from 'zod'
import { nextMonthStart } from '../../domain/accounts/client.ts'
import type { ReadKeyFigures } from '../../ports/accounts/read-key-figures.ts'
import type { Database } from '../engine/database.ts'

const dayMs = 86_400_000

const figuresRow = z.object({ spentMicros: z.number(), reservedMicros: z.number(), inFlight: z.number() })

/**
 * Reads the running totals, one range of the primary key for each day, in one statement, so that no attempt is counted
 * both as reserved and as spent. Until the totals are counted, the ledger is summed up.
 */
export function createReadKeyFigures({ read, totals }: Pick<Database, 'read' | 'totals'>): ReadKeyFigures {
  return async ({ tenant, key, monthStart }) => {
    const next = nextMonthStart(monthStart)
    const days = Array.from({ length: (next - monthStart) / dayMs }, (_, day) => monthStart / dayMs + day)
    const mine = key === null ? sql`tenant = ${tenant}` : sql`tenant = ${tenant} and key = ${key}`
    const sums = totals.usable
      ? {
          month: sql`select sum(cost_micros) as spent, sum(reserved_micros) as reserved from usage_days
            where day in (${sql.join(days)}) and ${mine}`,
          open: sql`select sum(generations) as generations, sum(micros) as micros from key_open where ${mine}`,
        }
      : {
          month: sql`select sum(case when cost_state = 'settled' then cost_micros else 0 end) as spent,
            sum(case when cost_state = 'settled' then 0 else reserved_micros end) as reserved from attempts
            where ${mine} and started_at >= ${monthStart} and started_at < ${next}`,
          open: sql`select count(*) as generations, sum(headroom_micros) as micros from generations
            where ${mine} and status in ('queued', 'in_progress')`,
        }
    const { rows } = await sql`select cast(coalesce(month.spent, 0) as bigint) as "spentMicros",
        cast(coalesce(month.reserved, 0) + coalesce(open.micros, 0) as bigint) as "reservedMicros",
        cast(coalesce(open.generations, 0) as bigint) as "inFlight"
      from (${sums.month}) as month, (${sums.open}) as open`.execute(read)
    return figuresRow.parse(rows[0])
  }
}
