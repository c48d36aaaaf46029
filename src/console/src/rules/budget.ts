/** A budget, and how much of it is taken. */
export interface Budget {
  limitUsd: number
  paidUsd: number
  /** What open work may still cost: it is set aside, and is given back where nothing is charged. */
  reservedUsd: number
}

export type BudgetLevel = 'low' | 'near' | 'full'

/** From here on the audit log tells of it, too. */
const nearShare = 0.8

/** How much of the budget is taken, of 0 to 1, by both sums: new work must fit into the rest. 1 for a budget of 0. */
export function takenShare({ limitUsd, paidUsd, reservedUsd }: Budget): number {
  if (limitUsd <= 0) return 1
  return Math.min(1, Math.max(0, (paidUsd + reservedUsd) / limitUsd))
}

export function budgetLevel(budget: Budget): BudgetLevel {
  const share = takenShare(budget)
  if (share >= 1) return 'full'
  return share >= nearShare ? 'near' : 'low'
}
