/** What a plan says about money, in USD. */
export interface PricedPlan {
  estimated_cost_usd: number
  worst_case_cost_usd: number
}

export interface Price {
  estimatedUsd: number
  worstUsd: number
}

/** USD as whole micro-dollars, in which sums are exact. */
function micros(usd: number): number {
  return Math.round(usd * 1_000_000)
}

/** The price of several plans together; null where one of them has none. */
export function priceOf(plans: ReadonlyArray<PricedPlan | null>): Price | null {
  let estimated = 0
  let worst = 0
  for (const plan of plans) {
    if (plan === null) return null
    estimated += micros(plan.estimated_cost_usd)
    worst += micros(plan.worst_case_cost_usd)
  }
  return { estimatedUsd: estimated / 1_000_000, worstUsd: worst / 1_000_000 }
}
