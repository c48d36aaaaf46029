import { noCapabilities } from '../inputs/capabilities.ts'
import { chosenPicture } from '../inputs/picture-choice.ts'
import { linesOf, resolutionOf, usualRatios } from '../inputs/picture.ts'
import type { AspectRatio, Resolution } from '../inputs/picture.ts'
import type { Size, UpstreamSpec } from '../routing/upstream.ts'
import { lengthsByInputs } from './lengths.ts'
import type { OfferedLengths } from './lengths.ts'
import { pricedResolutions, pricedSizes, pricesOf } from './prices.ts'
import type { OfferedPrice } from './prices.ts'

/** Pictures of one resolution that cost the same. */
export interface OfferedPictures {
  /** Null: any that no other entry names. */
  resolution: Resolution | null
  /** What can be asked for together with the resolution; null: any; empty: none. */
  aspectRatios: Array<AspectRatio | 'auto'> | null
  /** What can be asked for in pixels; null: any of this resolution and these ratios. */
  sizes: Size[] | null
  lengths: OfferedLengths[]
  prices: OfferedPrice[]
}

type Ratio = AspectRatio | 'auto' | null

/** One way to ask for a picture: in pixels, or by resolution and ratio; null where any will do. */
interface Picture {
  resolution: Resolution | null
  asked: { size: Size } | { ratio: Ratio }
  /** What it may come to. */
  sizes: Size[]
}

/** What can be asked of the upstream, by resolution: what routing accepts, no more and no less. */
export function picturesOf(spec: UpstreamSpec): OfferedPictures[] {
  const rows = new Map<string, OfferedPictures>()
  for (const { resolution, asked, sizes } of [...inPixels(spec), ...inWords(spec)]) {
    const prices = pricesOf(spec, resolution, sizes)
    const key = JSON.stringify([resolution && linesOf(resolution), prices])
    const row = rows.get(key) ?? {
      resolution,
      aspectRatios: [],
      sizes: spec.sizes === null ? null : [],
      lengths: lengthsByInputs(spec, resolution),
      prices,
    }
    rows.set(key, row)
    if ('size' in asked) row.sizes?.push(asked.size)
    else {
      // The word that requests use goes before the one made of pixels.
      row.resolution = resolution
      if (asked.ratio === null) row.aspectRatios = null
      else row.aspectRatios?.push(asked.ratio)
    }
  }
  return [...rows.values()]
    .map((row) => ({ ...row, aspectRatios: withAuto(row.aspectRatios, spec) }))
    .toSorted((a, b) => linesIn(a) - linesIn(b))
}

/** Any other resolution comes last. */
function linesIn({ resolution }: OfferedPictures): number {
  return resolution === null ? Number.MAX_SAFE_INTEGER : linesOf(resolution)
}

function inPixels({ sizes }: UpstreamSpec): Picture[] {
  return (sizes ?? []).map((size) => ({ resolution: resolutionOf(size), asked: { size }, sizes: [size] }))
}

function inWords(spec: UpstreamSpec): Picture[] {
  const { aspectRatios } = spec.capabilities ?? noCapabilities
  const offered: readonly Ratio[] = aspectRatios ?? (spec.sizes === null ? [null] : usualRatios)
  const concrete = offered.filter((ratio) => ratio !== 'auto')
  return resolutionsOf(spec).flatMap((resolution) =>
    (concrete.length > 0 ? concrete : offered).flatMap((ratio): Picture[] => {
      const size = sizeOf(spec, resolution, ratio)
      if (size === null) return []
      if (resolution === null) return [{ resolution, asked: { ratio }, sizes: [unpriced] }]
      const isAny = ratio === null || ratio === 'auto'
      const sizes: Size[] = isAny ? [unpriced, ...pricedSizes(spec.price, resolution)] : [size]
      return [{ resolution, asked: { ratio }, sizes }]
    }),
  )
}

/** A frame decides what `auto` comes to, so that it belongs to every price. */
function withAuto(
  ratios: OfferedPictures['aspectRatios'],
  spec: UpstreamSpec,
): OfferedPictures['aspectRatios'] {
  const isOffered = spec.capabilities?.aspectRatios?.includes('auto') === true
  const isMissing = ratios !== null && ratios.length > 0 && !ratios.includes('auto')
  return isOffered && isMissing ? [...ratios, 'auto'] : ratios
}

/** A size that no price names. */
const unpriced: Size = '1x1'

/** The pixels of a resolution and a ratio; null where the upstream does not offer them. */
function sizeOf(spec: UpstreamSpec, resolution: Resolution | null, ratio: Ratio): Size | null {
  const settings = {
    ...(resolution !== null && { resolution }),
    ...(ratio !== null && { aspectRatio: ratio }),
  }
  const inputs = { settings, frameProportion: null }
  const { fault, size } = chosenPicture(inputs, spec.capabilities ?? noCapabilities, spec.sizes)
  return fault === null ? size : null
}

/** Those that requests can name, and null for any other where any is taken. */
function resolutionsOf({ capabilities, price, sizes }: UpstreamSpec): Array<Resolution | null> {
  const own = capabilities?.resolutions ?? null
  if (own !== null) return own
  if (sizes !== null) return [...new Set(sizes.map(resolutionOf))]
  const ruled = (capabilities?.lengths ?? []).flatMap(({ resolutions }) => resolutions ?? [])
  return [...new Set([...ruled, ...pricedResolutions(price)]), null]
}
