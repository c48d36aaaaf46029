import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import type { MonthlyBudget } from '../../domain/accounts/budget.ts'
import type { Database } from '../engine/database.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'

interface Month {
  tenant: string
  monthStart: number
}

const budgetRow = z.object({ micros: z.number() })

/** Reads the budget of a tenant and what all of its keys have committed in a month; null if the tenant has no budget. */
export type ReadTenantBudget = (executor: Kysely<Schema>, month: Month) => Promise<MonthlyBudget | null>

/**
 * One look-up by primary key for tenants without a budget; one row for each key of the tenant for the others. As for the
 * budget of a key, the attempts are summed up until the totals are counted.
 */
export function prepareTenantBudget({ read, totals }: Pick<Database, 'read' | 'totals'>): ReadTenantBudget {
  const budget = prepareQuery<{ tenant: string }>((parameter) =>
    read
      .selectFrom('tenant_budgets')
      .select('monthly_budget_micros as micros')
      .where('tenant', '=', parameter('tenant')),
  )
  const fromTotals = prepareFromTotals(read)
  const fromLedger = prepareFromLedger(read)
  return async (executor, month) => {
    const [found] = await budget(executor, { tenant: month.tenant })
    if (found === undefined) return null
    const [sum] = await (totals.usable ? fromTotals : fromLedger)(executor, month)
    return {
      monthlyBudgetMicros: budgetRow.parse(found).micros,
      committedMicros: budgetRow.parse(sum).micros,
    }
  }
}

/** The same outside of a transaction, which says nothing of budgets that are being set. */
export function prepareKnownTenantBudget(
  database: Pick<Database, 'read' | 'totals' | 'budgetless'>,
): (month: Month) => Promise<MonthlyBudget | null> {
  const { read, budgetless } = database
  const find = prepareTenantBudget(database)
  return async (month) => {
    if (budgetless === null) return find(read, month)
    if (budgetless.has(month.tenant)) return null
    const { changes } = budgetless
    const budget = await find(read, month)
    if (budget === null) budgetless.note(month.tenant, changes)
    return budget
  }
}

function prepareFromTotals(queries: Kysely<Schema>) {
  return prepareQuery<Month>((parameter) => {
    const open = sql`select coalesce(sum(micros), 0) from key_open where tenant = ${parameter('tenant')}`
    const spent = sql`select coalesce(sum(micros), 0) from key_months
      where tenant = ${parameter('tenant')} and month >= ${parameter('monthStart')}`
    return queries.selectNoFrom(sql`cast((${open}) + (${spent}) as bigint)`.as('micros'))
  })
}

function prepareFromLedger(queries: Kysely<Schema>) {
  return prepareQuery<Month>((parameter) => {
    const open = sql`select coalesce(sum(headroom_micros), 0) from generations
      where tenant = ${parameter('tenant')} and status in ('queued', 'in_progress')`
    const spent = sql`select coalesce(sum(case when cost_state = 'settled' then cost_micros else reserved_micros end), 0)
      from attempts where tenant = ${parameter('tenant')} and started_at >= ${parameter('monthStart')}`
    return queries.selectNoFrom(sql`cast((${open}) + (${spent}) as bigint)`.as('micros'))
  })
}
