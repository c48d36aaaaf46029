import type { SimulatedUpstream } from '../simulated-upstream.ts'

/** Price of one video in whole micro-dollars, so that bills add up exactly. */
export function priceOf(
  price: SimulatedUpstream['price'],
  order: { seconds: number; size: string; source?: { addedSeconds: number } },
): number {
  if ('perRequestUsd' in price) return Math.round(price.perRequestUsd * 1e6)
  const perSecond = price.perSecondUsd[order.size] ?? price.perSecondUsd['default'] ?? 0
  return Math.round(perSecond * (order.source?.addedSeconds ?? order.seconds) * 1e6)
}

export const toUsd = (microUsd: number) => microUsd / 1e6
