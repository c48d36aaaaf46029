import type { MonthlyBudget } from '../../domain/accounts/budget.ts'
import type { InsertLimits } from '../../ports/generations/generation-store.ts'
import type { Database } from '../engine/database.ts'
import { keyLock, tenantLock } from '../engine/lock-names.ts'
import type { Lock } from '../engine/write-options.ts'

/** The operation found a budget that it held no lock for. It is run again with that lock. */
class BudgetFound extends Error {
  override name = 'BudgetFound'
}

interface Limited {
  tenant: string
  key: string
  limits: Pick<InsertLimits, 'monthlyBudgetMicros' | 'maxInFlight'>
  /** Whether the reservation is all that is added to the totals. */
  inOneStatement: boolean
}

export interface HeldLimits {
  /** True if nobody else adds to what the tenant has committed. */
  tenant: boolean
  /** Throws if the tenant has a budget that is not locked. */
  check: (tenant: MonthlyBudget | null) => void
}

export interface LimitLocks {
  /** Runs a write with the locks of the limits that it checks. */
  holding: <T>(limited: Limited, write: (locks: Lock[], held: HeldLimits) => Promise<T>) => Promise<T>
}

/**
 * Whoever checks a limit holds its lock until the commit, so that no two find the same room. Whether a tenant has a
 * budget is only known within the transaction, so tenants that had one are remembered: inserts of all others run beside
 * each other.
 */
export function createLimitLocks({ skipLocked }: Pick<Database, 'skipLocked'>): LimitLocks {
  const budgeted = new Set<string>()
  return {
    async holding({ tenant, key, limits, inOneStatement }, write) {
      const ofKey =
        limits.monthlyBudgetMicros === null && limits.maxInFlight === null
          ? []
          : [keyLock(tenant, key, { inOneStatement })]
      for (;;) {
        const isKnown = budgeted.has(tenant)
        const lock = isKnown ? tenantLock(tenant).change : tenantLock(tenant).hasNone
        const check = (budget: MonthlyBudget | null) => {
          if (budget === null) budgeted.delete(tenant)
          else {
            budgeted.add(tenant)
            if (skipLocked && !isKnown) throw new BudgetFound(`the tenant ${tenant} has a budget`)
          }
        }
        try {
          return await write([...ofKey, lock], { tenant: isKnown || !skipLocked, check })
        } catch (error) {
          if (!(error instanceof BudgetFound)) throw error
        }
      }
    },
  }
}
