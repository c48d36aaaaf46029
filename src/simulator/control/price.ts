import type { SimulatedUpstream } from '../simulated-upstream.ts'

/** The price of one video in whole micro-dollars, so that bills add up exactly. */
export function priceOf(
  price: SimulatedUpstream['price'],
  order: { seconds: number; size: string; source?: { addedSeconds: number }; priceTimes?: number },
): number {
  const times = order.priceTimes ?? 1
  if ('perRequestUsd' in price) return Math.round(price.perRequestUsd * times * 1e6)
  const perSecond = price.perSecondUsd[order.size] ?? price.perSecondUsd['default'] ?? 0
  return Math.round(perSecond * (order.source?.addedSeconds ?? order.seconds) * times * 1e6)
}

export const toUsd = (microUsd: number) => microUsd / 1e6
