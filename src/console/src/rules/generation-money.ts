interface Costs {
  status: string
  reserved_cost_usd: number
  attempts: ReadonlyArray<{
    state: string
    cost_usd: number
    cost_state: 'reserved' | 'settled'
    delivered: boolean
  }>
  route: {
    estimated_cost_usd: number
    worst_case_cost_usd: number
    candidates: ReadonlyArray<{ kind: string; estimated_cost_usd: number }>
  }
}

/** Amounts in USD. The first three are what was and may be charged; none contains another. */
export interface GenerationMoney {
  paidUsd: number
  reservedUsd: number
  withoutVideoUsd: number
  estimatedUsd: number
  worstCaseUsd: number
  /** What the cheapest official upstream of the route would have charged; null where there was none. */
  officialUsd: number | null
  /** Of the official price, once a video was delivered for less. */
  savedUsd: number | null
}

/** Sums of dollars have tails of binary fractions; the gateway counts micro-dollars. */
function rounded(usd: number): number {
  return Math.round(usd * 1e6) / 1e6
}

export function generationMoney({ status, attempts, route, ...costs }: Costs): GenerationMoney {
  const settled = attempts.filter(({ cost_state: state }) => state === 'settled')
  const sum = (some: typeof settled) => rounded(some.reduce((usd, { cost_usd: cost }) => usd + cost, 0))
  const isInVain = ({ state, delivered }: (typeof settled)[number]) =>
    !delivered && (state === 'failed' || state === 'succeeded')
  const withoutVideoUsd = sum(settled.filter(isInVain))
  const paidUsd = sum(settled.filter((attempt) => !isInVain(attempt)))
  const official = route.candidates.filter(({ kind }) => kind === 'official')
  const officialUsd =
    official.length === 0 ? null : Math.min(...official.map(({ estimated_cost_usd: usd }) => usd))
  const saved = officialUsd === null ? 0 : rounded(officialUsd - paidUsd - withoutVideoUsd)
  return {
    paidUsd,
    reservedUsd: costs.reserved_cost_usd,
    withoutVideoUsd,
    estimatedUsd: route.estimated_cost_usd,
    worstCaseUsd: route.worst_case_cost_usd,
    officialUsd,
    savedUsd: status === 'completed' && saved > 0 ? saved : null,
  }
}
