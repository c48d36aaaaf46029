/** Whose monthly budget it is. Work of a key must fit into that of the key and that of its tenant. */
export const budgetOwners = ['key', 'tenant'] as const
export type BudgetOwner = (typeof budgetOwners)[number]

/** What is left of the tighter of two budgets, in micro-dollars, never below zero. */
export interface BudgetLeft {
  micros: number
  owner: BudgetOwner
}

/** Money in micro-dollars. */
export interface MonthlyBudget {
  monthlyBudgetMicros: number
  /** What was spent in the month, is reserved, or may still be spent by open generations. */
  committedMicros: number
}

/** Null without a budget. Where both leave the same, it is that of the key. */
export function tighterBudget(key: MonthlyBudget | null, tenant: MonthlyBudget | null): BudgetLeft | null {
  const ofKey: BudgetLeft | null = key && { micros: leftOf(key), owner: 'key' }
  const ofTenant: BudgetLeft | null = tenant && { micros: leftOf(tenant), owner: 'tenant' }
  if (ofKey === null || ofTenant === null) return ofKey ?? ofTenant
  return ofTenant.micros < ofKey.micros ? ofTenant : ofKey
}

function leftOf({ monthlyBudgetMicros, committedMicros }: MonthlyBudget): number {
  return Math.max(0, monthlyBudgetMicros - committedMicros)
}
