import { isResolution, linesOf, resolutionOf } from '../inputs/picture.ts'
import type { Resolution } from '../inputs/picture.ts'
import { priceOf } from '../routing/price.ts'
import type { Price, Size, UpstreamSpec } from '../routing/upstream.ts'

export const priceUnits = ['second', 'video'] as const

export interface OfferedPrice {
  /** Whether the video has sound; null: as it comes. */
  audio: boolean | null
  per: (typeof priceUnits)[number]
  /** The highest, where the price differs by something else. */
  micros: number
}

/** What a second or a video costs whose picture is of one of these sizes; two prices where sound can be chosen and costs more. */
export function pricesOf(
  { price, capabilities }: UpstreamSpec,
  resolution: Resolution | null,
  sizes: readonly Size[],
): OfferedPrice[] {
  const highest = (audio: boolean) =>
    Math.max(...sizes.map((size) => priceOf(price, 1, size, { resolution, audio })))
  const per = price.type === 'per_second' ? 'second' : 'video'
  const support = capabilities?.audio ?? null
  const [silent, heard] = [highest(false), highest(true)]
  if (support === 'optional' && silent !== heard)
    return [
      { audio: false, per, micros: silent },
      { audio: true, per, micros: heard },
    ]
  const micros = support === 'always' ? heard : support === 'never' ? silent : Math.max(silent, heard)
  return [{ audio: null, per, micros }]
}

/** Resolutions that have a price of their own, also by one of their sizes. */
export function pricedResolutions(price: Price): Resolution[] {
  return wordsOf(price).flatMap((word) =>
    isResolution(word) ? [word] : isSize(word) ? [resolutionOf(word)] : [],
  )
}

/** Sizes of this resolution that have a price of their own. */
export function pricedSizes(price: Price, resolution: Resolution): Size[] {
  return wordsOf(price)
    .filter(isSize)
    .filter((size) => linesOf(resolutionOf(size)) === linesOf(resolution))
}

function wordsOf(price: Price): string[] {
  return price.type === 'per_request'
    ? []
    : Object.keys(price.micros).map((key) => key.replace(/\+audio$/, ''))
}

function isSize(word: string): word is Size {
  return /^\d+x\d+$/.test(word)
}
