import { type Kysely } from 'kysely'
import { z } from 'zod'
import type { MonthlyBudget } from '../../domain/accounts/budget.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { InsertLimits, InsertOutcome } from '../../ports/generations/generation-store.ts'
import type { Database } from '../engine/database.ts'
import { prepareKeyTotals, type Reservation } from '../ledger/key-totals.ts'
import { prepareLedgerCommitments } from '../ledger/ledger-commitments.ts'
import { prepareTenantBudget } from '../ledger/tenant-budget.ts'
import type { Schema } from '../schema.ts'

type Broken = Extract<InsertOutcome, { type: 'over_budget' | 'over_tenant_budget' | 'too_many_in_flight' }>

/** Whose limits hold, the amount that must fit into them, and what is added to the totals of the key. */
export type Asked = Omit<Reservation, 'monthStart'>

/**
 * Adds to the totals of a key. Returns the limit that would be exceeded instead, and then changes nothing.
 * Also returns what the key had committed before, if it has a limit, and the budget of its tenant, if there is one.
 * `check` throws if that budget is not locked.
 */
export type Reserve = (
  transaction: Kysely<Schema>,
  asked: Asked,
  limits: InsertLimits,
  check: (tenant: MonthlyBudget | null) => void,
) => Promise<{ broken: Broken | null; committedMicros: number; tenant: MonthlyBudget | null }>

const commitmentsRow = z.object({ inFlight: z.number(), micros: z.number() })

export function prepareReserve(database: Database): Reserve {
  const commitments = prepareCommitments(database)
  const tenantBudget = prepareTenantBudget(database)
  const { reserve } = prepareKeyTotals(database.read)

  return async (transaction, asked, limits, check) => {
    const { monthStart, monthlyBudgetMicros, maxInFlight } = limits
    const { tenant: name, key, worstMicros } = asked
    const tenant = await tenantBudget(transaction, { tenant: name, monthStart })
    check(tenant)
    const overTenant = tenant !== null && tenant.committedMicros + worstMicros > tenant.monthlyBudgetMicros
    const reservation: Reservation = { ...asked, monthStart }
    const unlimited = { monthlyBudgetMicros: null, maxInFlight: null }
    if (monthlyBudgetMicros === null && maxInFlight === null) {
      if (overTenant) return { broken: brokenTenant(tenant), committedMicros: 0, tenant }
      await reserve(transaction, { ...reservation, ...unlimited })
      return { broken: null, committedMicros: 0, tenant }
    }
    const { inFlight, micros } = await commitments(transaction, { tenant: name, key, monthStart })
    // While totals are still being counted they are too low, so the limits are checked against the attempts themselves.
    const counted = database.totals.usable ? { monthlyBudgetMicros, maxInFlight } : unlimited
    const over = monthlyBudgetMicros !== null && micros + worstMicros > monthlyBudgetMicros
    const crowded = maxInFlight !== null && inFlight >= maxInFlight
    const fits = !over && !overTenant && !crowded
    if (fits && (await reserve(transaction, { ...reservation, ...counted }))) {
      return { broken: null, committedMicros: micros, tenant }
    }
    if (over)
      return { broken: { type: 'over_budget', committedMicros: micros }, committedMicros: micros, tenant }
    if (overTenant) return { broken: brokenTenant(tenant), committedMicros: micros, tenant }
    return { broken: { type: 'too_many_in_flight', inFlight }, committedMicros: micros, tenant }
  }
}

function brokenTenant({ committedMicros }: MonthlyBudget): Broken {
  return { type: 'over_tenant_budget', committedMicros }
}

/** What a new generation adds. */
export function asNew({ tenant, key, status, plan }: Generation, headroomMicros: number): Asked {
  const open = status === 'queued' || status === 'in_progress'
  return {
    tenant,
    key,
    worstMicros: plan.worstCaseCostMicros,
    open: open ? 1 : 0,
    headroomMicros: open ? headroomMicros : 0,
  }
}

/**
 * What a key has committed in a month: the cost of every attempt that started in it (its reservation until it is
 * settled), plus what its unfinished generations may still cost.
 */
export function prepareCommitments({ read, totals }: Pick<Database, 'read' | 'totals'>) {
  const fromTotals = prepareKeyTotals(read).commitments
  const fromLedger = prepareLedgerCommitments(read)
  return async (executor: Kysely<Schema>, month: { tenant: string; key: string; monthStart: number }) =>
    commitmentsRow.parse(await (totals.usable ? fromTotals : fromLedger)(executor, month))
}
