/** A policy that gets `share` of the work (0 to 1), and what all of it would cost; null where no upstream can take it. */
export interface PolicyShare {
  share: number
  usd: number | null
}

/** What the work costs that is divided like this; null where a policy gets work that nobody can take. */
export function mixedCost(parts: readonly PolicyShare[]): number | null {
  return parts.reduce<number | null>((sum, { share, usd }) => {
    if (sum === null || share === 0) return sum
    return usd === null ? null : sum + share * usd
  }, 0)
}

/** The largest amount, for bars beside each other; 0 without any. */
export function largest(amounts: ReadonlyArray<number | null>): number {
  return Math.max(0, ...amounts.map((amount) => amount ?? 0))
}
