import type { Price, Size } from './upstream.ts'

const MICROS_PER_USD = 1_000_000

/** USD as written in a configuration or a request → integer micro-dollars. */
export function usdToMicros(usd: number): number {
  return Math.round(usd * MICROS_PER_USD)
}

/** Integer micro-dollars → USD as shown in answers. */
export function microsToUsd(micros: number): number {
  return micros / MICROS_PER_USD
}

/** What one video of this length and size costs on an upstream, in micro-dollars. A size without a price of its own costs the default. */
export function priceOf(price: Price, durationSeconds: number, size: Size): number {
  switch (price.type) {
    case 'per_request':
      return price.micros
    case 'per_second':
      return Math.round((price.micros[size] ?? price.micros.default) * durationSeconds)
  }
}

/** `$0.12`; more decimals only where they say something. */
export function formatUsd(micros: number): string {
  const usd = microsToUsd(micros)
  return `$${micros % 10_000 === 0 ? usd.toFixed(2) : String(usd)}`
}
