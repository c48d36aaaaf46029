import type { CostRules } from '../domain/attempts/vendor-cost.ts'
import { isResolution } from '../domain/inputs/picture.ts'
import { nearest } from '../domain/near-word.ts'
import { usdToMicros } from '../domain/routing/price.ts'
import type { Price, UpstreamSpec } from '../domain/routing/upstream.ts'
import { isSize } from './schema/fields.ts'
import type { FileUpstream } from './schema/schema.ts'

/** What is wrong with a key of `per_second_usd`; null where it is `default`, a size or a resolution, with `+audio` or not. */
export function faultOfPriceKey(key: string): string | null {
  const picture = pictureOf(key)
  if (picture === 'default' || isResolution(picture) || isSize(picture)) return null
  const hint = nearest(key, ['default']) === undefined ? '' : '; did you mean `default`?'
  return `should be default, a size such as 1792x1024 or a resolution such as 1080p${hint}`
}

/** Whether the price is for a size that the upstream does not support. */
export function isUnsold(key: string, sizes: readonly string[]): boolean {
  const picture = pictureOf(key)
  return isSize(picture) && !sizes.includes(picture)
}

function pictureOf(key: string): string {
  return key.replace(/\+audio$/, '')
}

/** What an upstream charges, in micro-dollars, and how the costs that it reports are used. */
export function pricesOf(
  price: FileUpstream['price'],
): Pick<UpstreamSpec, 'price' | 'inputSecondMicros' | 'chargedOn' | 'costRules'> {
  return {
    price: priceOf(price),
    ...(price.per_input_second_usd !== undefined && {
      inputSecondMicros: usdToMicros(price.per_input_second_usd),
    }),
    chargedOn: price.charged_on,
    costRules: costRulesOf(price),
  }
}

function priceOf({ per_request_usd: request, per_second_usd: second }: FileUpstream['price']): Price {
  if (second === undefined) return { type: 'per_request', micros: usdToMicros(request ?? 0) }
  const sizes = Object.entries(second).map(([size, usd]) => [size, usdToMicros(usd)] as const)
  return {
    type: 'per_second',
    micros: { ...Object.fromEntries(sizes), default: usdToMicros(second.default) },
  }
}

function costRulesOf({ settle_by, warn_difference, usd_per_unit }: FileUpstream['price']): CostRules {
  // Not rounded: a token costs a few micro-dollars.
  const worth = Object.entries(usd_per_unit).map(([unit, usd]) => [unit, usd * 1e6] as const)
  return {
    settleBy: settle_by,
    warnDifference: warn_difference,
    microsPerUnit: Object.fromEntries(worth),
  }
}
