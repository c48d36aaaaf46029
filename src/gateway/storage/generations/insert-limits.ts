import { type Kysely } from 'kysely'
import { z } from 'zod'
import type { MonthlyBudget } from '../../domain/accounts/budget.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { InsertLimits, InsertOutcome } from '../../ports/generations/generation-store.ts'
import { allOf } from '../engine/all-of.ts'
import type { Database } from '../engine/database.ts'
import type { HeldLimits } from '../ledger/limit-locks.ts'
import type { Locked } from '../engine/write-options.ts'
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
 * `held` says what is locked.
 */
export type Reserve = (
  transaction: Kysely<Schema>,
  asked: Asked,
  limits: InsertLimits,
  held: HeldLimits & { locked: Locked },
) => Promise<{ broken: Broken | null; committed: Committed; tenant: MonthlyBudget | null }>

export type Committed = z.output<typeof commitmentsRow>

const commitmentsRow = z.object({ inFlight: z.number(), micros: z.number() })

export function prepareReserve(database: Database): Reserve {
  const commitments = prepareCommitments(database)
  const tenantBudget = prepareTenantBudget(database)
  const { reserve, reserveFree } = prepareKeyTotals(database.read)

  return async (transaction, asked, limits, held) => {
    const { monthStart, monthlyBudgetMicros, maxInFlight } = limits
    const { tenant: name, key } = asked
    const isLimited = monthlyBudgetMicros !== null || maxInFlight !== null
    if (!isLimited && reserveFree !== null && (await reserveFree(transaction, { ...asked, monthStart }))) {
      held.check(null)
      return { broken: null, committed: nothing, tenant: null }
    }
    // While totals are still being counted they are too low, so the limits are checked against the attempts themselves.
    const counted = database.totals.usable ? { monthlyBudgetMicros, maxInFlight } : unlimited
    const take = () => reserve(transaction, { ...asked, monthStart, ...counted })
    const read = () => commitments(transaction, { tenant: name, key, monthStart })
    // Most tenants have no budget. Then the reservation depends on nothing, and shares a round trip with what is read.
    const [tenant, known, taken] = await allOf([
      tenantBudget(transaction, { tenant: name, monthStart }),
      isLimited && held.tenant ? read() : nothing,
      held.tenant ? null : held.locked().then(take),
    ])
    held.check(tenant)
    if (taken !== null) {
      const before = commitmentsRow.parse(taken.committed)
      held.checkKey(true, before)
      return { broken: null, committed: before, tenant }
    }
    const committed = isLimited && !held.tenant ? await read() : known
    if (!held.tenant) held.checkKey(false, committed)
    const found = { committed, tenant }
    const broken = firstBroken(asked, limits, found)
    if (broken !== null) return { broken, ...found }
    if (held.tenant && (await take()) !== null) return { broken: null, ...found }
    // Somebody else took the room since.
    const again = firstBroken(asked, limits, { tenant, committed: await read() })
    return { broken: again ?? { type: 'too_many_in_flight', inFlight: committed.inFlight }, ...found }
  }
}

const unlimited = { monthlyBudgetMicros: null, maxInFlight: null }
const nothing = { inFlight: 0, micros: 0 }

function firstBroken(
  { worstMicros }: Asked,
  { monthlyBudgetMicros, maxInFlight }: InsertLimits,
  { tenant, committed }: { tenant: MonthlyBudget | null; committed: { inFlight: number; micros: number } },
): Broken | null {
  const { inFlight, micros } = committed
  if (monthlyBudgetMicros !== null && micros + worstMicros > monthlyBudgetMicros)
    return { type: 'over_budget', committedMicros: micros }
  if (tenant !== null && tenant.committedMicros + worstMicros > tenant.monthlyBudgetMicros)
    return { type: 'over_tenant_budget', committedMicros: tenant.committedMicros }
  return maxInFlight !== null && inFlight >= maxInFlight ? { type: 'too_many_in_flight', inFlight } : null
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
