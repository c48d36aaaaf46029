/** More are looked up again. */
const mostKnown = 10_000

/**
 * The tenants that were seen without a budget, where one process owns the database: they are asked about with every request,
 * and a look-up outside of the transaction takes as long as four inserts, because it begins after other writes.
 */
export interface BudgetlessTenants {
  has(tenant: string): boolean
  /** To be given to `note`, from before the budget was read. */
  readonly changes: number
  /** This tenant had no budget, unless one was set since. */
  note(tenant: string, changes: number): void
  /** A budget was set or removed, or may have been. */
  changed(): void
}

export function createBudgetlessTenants(): BudgetlessTenants {
  const known = new Set<string>()
  let changes = 0
  return {
    has: (tenant) => known.has(tenant),
    get changes() {
      return changes
    },
    note(tenant, seen) {
      if (seen !== changes) return
      if (known.size >= mostKnown) known.clear()
      known.add(tenant)
    },
    changed() {
      changes++
      known.clear()
    },
  }
}
