import { sql, type RawBuilder } from 'kysely'
import { z } from 'zod'
import { openStatuses } from '../../domain/generation/history.ts'
import type { ReadOperatingFigures } from '../../ports/operations/operating-figures.ts'
import type { Database } from '../engine/database.ts'

const dayMs = 86_400_000
/** More keys than this share one installation hardly ever; the figures of those beyond are left out. */
const mostKeys = 100_000

const openRow = z.object({ status: z.enum(openStatuses), count: z.number(), oldestAt: z.number().nullable() })
const unknownRow = z.object({ upstream: z.string(), count: z.number(), oldestAt: z.number() })
const sumRow = z.object({ sum: z.number() })
const differenceRow = z.object({ upstream: z.string(), micros: z.number() })
const budgetRow = z.object({ tenant: z.string(), micros: z.number() })
const committedRow = z.object({ tenant: z.string(), key: z.string(), micros: z.number() })

/** Ids sort by the time of their creation, so that the first of a status is the oldest. */
const openOf = (status: (typeof openStatuses)[number]) =>
  sql`select ${status} as status,
    (select count(*) from generations where status = ${status}) as count,
    (select created_at from generations where status = ${status} order by id limit 1) as "oldestAt"`

const unknown = sql`select upstream, count(*) as count, min(started_at) as "oldestAt"
  from attempts where state = 'unknown' group by upstream`

/** The condition is that of the index `attempts_reserved`. */
const reserved = sql`select cast(coalesce(sum(reserved_micros), 0) as bigint) as sum
  from attempts where cost_state = 'reserved'`

const pending = sql`select count(*) as sum from deliveries where due_at is not null`

const tenantBudgets = sql`select tenant, monthly_budget_micros as micros from tenant_budgets limit ${mostKeys}`

const differencesSince = (monthStart: number) =>
  sql`select upstream, cast(sum(vendor_micros - vendor_computed_micros) as bigint) as micros
    from usage_days where day >= ${monthStart / dayMs} group by upstream`

const committedSince = (monthStart: number) =>
  sql`select tenant, key, cast(sum(micros) as bigint) as micros from (
      select tenant, key, micros from key_months where month = ${monthStart}
      union all select tenant, key, micros from key_open) as committed
    group by tenant, key limit ${mostKeys}`

/** The queries of all figures, those of a month only where the running totals can be used. */
export function operatingQueries(monthStart: number, hasTotals: boolean): Array<RawBuilder<unknown>> {
  const ofMonth = hasTotals ? [differencesSince(monthStart), committedSince(monthStart)] : []
  return [...openStatuses.map(openOf), unknown, reserved, pending, tenantBudgets, ...ofMonth]
}

/** Reads off the event loop, from one snapshot. */
export function createReadOperatingFigures({
  read,
  totals,
  figures,
}: Pick<Database, 'read' | 'totals' | 'figures'>): ReadOperatingFigures {
  return async (monthStart) => {
    const queries = operatingQueries(monthStart, totals.usable && totals.reportable)
    const found = await figures(queries.map((query) => query.compile(read)))
    const open = found.splice(0, openStatuses.length).flat()
    const [unknowns = [], sums = [], counts = [], budgets = [], differences, committed] = found
    return {
      open: z
        .array(openRow)
        .parse(open)
        .flatMap(({ oldestAt, ...each }) => (oldestAt === null ? [] : [{ ...each, oldestAt }])),
      unknown: z.array(unknownRow).parse(unknowns),
      reservedMicros: sumRow.parse(sums[0]).sum,
      pendingDeliveries: sumRow.parse(counts[0]).sum,
      tenantBudgets: z.array(budgetRow).parse(budgets),
      billDifferences: differences === undefined ? null : z.array(differenceRow).parse(differences),
      committed: committed === undefined ? null : z.array(committedRow).parse(committed),
    }
  }
}
