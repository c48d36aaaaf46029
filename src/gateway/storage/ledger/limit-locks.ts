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
  worstMicros: number
  /** Whether the reservation is all that is added to the totals. */
  inOneStatement: boolean
}

/** Others took the room of a key that seemed to have plenty. It is run again under the lock of the key. */
class RoomTaken extends Error {
  override name = 'RoomTaken'
}

/** A key has plenty of room if this many generations more of the same price fit into its limits. */
const plenty = 500

export interface HeldLimits {
  /** True if nobody else adds to what the tenant has committed. */
  tenant: boolean
  /** Throws if the tenant has a budget that is not locked. */
  check: (tenant: MonthlyBudget | null) => void
  /**
   * True if rows may be written along with the reservation, because `check` or `checkKey` throws unless it fits: then all is rolled
   * back and run again.
   */
  inAdvance: boolean
  /** Told whether it fits into the limits of the key, and what was committed before. */
  checkKey: (fits: boolean, committed: Committed) => void
}

interface Committed {
  inFlight: number
  micros: number
}

interface TakenLocks {
  locks: Lock[]
  lateLocks: Lock[]
}

export interface LimitLocks {
  /** Runs a write with the locks of the limits that it checks. */
  holding: <T>(limited: Limited, write: (locks: TakenLocks, held: HeldLimits) => Promise<T>) => Promise<T>
}

/**
 * Whoever checks a limit holds its lock until the commit, so that no two find the same room. Whether a tenant has a
 * budget is only known within the transaction, so tenants that had one are remembered: inserts of all others run beside
 * each other. Keys that were seen with plenty of room are remembered, too: their lock is taken once the rows are sent, so that it is
 * held for the reservations and the commit alone.
 */
export function createLimitLocks({ skipLocked }: Pick<Database, 'skipLocked'>): LimitLocks {
  const budgeted = new Set<string>()
  const roomy = new Set<string>()

  function checkTenant(tenant: string, isKnown: boolean, budget: MonthlyBudget | null): void {
    if (budget === null) budgeted.delete(tenant)
    else {
      budgeted.add(tenant)
      if (skipLocked && !isKnown) throw new BudgetFound(`the tenant ${tenant} has a budget`)
    }
  }

  return {
    async holding(limited, write) {
      const { tenant, key, limits, inOneStatement } = limited
      const lock = keyLock(tenant, key, { inOneStatement })
      const isLimited = limits.monthlyBudgetMicros !== null || limits.maxInFlight !== null
      for (;;) {
        const isKnown = budgeted.has(tenant)
        const mayBeLate = skipLocked && inOneStatement && !isKnown
        const isLate = mayBeLate && isLimited && roomy.has(lock.name)
        const held: HeldLimits = {
          tenant: isKnown || !skipLocked,
          check: (budget) => checkTenant(tenant, isKnown, budget),
          inAdvance: isLate || (mayBeLate && !isLimited),
          checkKey(fits, committed) {
            if (mayBeLate && isLimited && fits && hasPlenty(limited, committed)) roomy.add(lock.name)
            else roomy.delete(lock.name)
            if (isLate && !fits) throw new RoomTaken(`the key ${key} of ${tenant} has less room than before`)
          },
        }
        const ofTenant = isKnown ? tenantLock(tenant).change : tenantLock(tenant).hasNone
        const locks = isLimited && !isLate ? [lock, ofTenant] : [ofTenant]
        try {
          return await write({ locks, lateLocks: isLate ? [lock] : [] }, held)
        } catch (error) {
          if (!(error instanceof BudgetFound || error instanceof RoomTaken)) throw error
        }
      }
    },
  }
}

function hasPlenty({ limits, worstMicros }: Limited, { inFlight, micros }: Committed): boolean {
  const { monthlyBudgetMicros, maxInFlight } = limits
  const fitsBudget = monthlyBudgetMicros === null || micros + plenty * worstMicros <= monthlyBudgetMicros
  return fitsBudget && (maxInFlight === null || inFlight + plenty <= maxInFlight)
}
