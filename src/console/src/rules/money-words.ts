/** The three amounts of a generation, in USD. They are never added up. */
export interface MoneyShown {
  /** What is settled. */
  paidUsd: number
  /** What is reserved and may still be charged. */
  reservedUsd: number
  /** Whether what was paid brought no video. */
  withoutVideo: boolean
}

interface Costs {
  status: string
  cost_usd: number
  reserved_cost_usd: number
  video: unknown
}

/** While a generation runs, what it paid so far is not yet without a video. */
export function moneyOf({ status, cost_usd: paid, reserved_cost_usd: reserved, video }: Costs): MoneyShown {
  const ended = status === 'failed' || status === 'cancelled'
  return { paidUsd: paid, reservedUsd: reserved, withoutVideo: ended && paid > 0 && video === null }
}
