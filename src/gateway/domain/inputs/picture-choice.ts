import type { Capabilities } from './capabilities.ts'
import {
  linesOf,
  nearestRatio,
  offeredWord,
  pixelsOf,
  proportionOf,
  resolutionOf,
  usualRatios,
  usualResolution,
} from './picture.ts'
import type { AspectRatio, Pixels, Resolution } from './picture.ts'
import type { RouteInputs } from './route-inputs.ts'

/** What an upstream would be asked for. */
export interface PictureChoice {
  /** What is sent where pixels are; what comes of the resolution and the ratio anywhere else. */
  size: Pixels
  /** In the words of the upstream; null where nobody said. */
  resolution: Resolution | null
  aspectRatio: AspectRatio | 'auto' | null
  /** Why it does not offer what was asked for. */
  fault: string | null
}

/** Sizes are rounded to even pixels, or to 16: 854x480 is 16:9. */
const alike = 0.02

/** The picture for a resolution and a ratio. `supported`: the sizes that the upstream supports; null for any. */
export function chosenPicture(
  { settings, frameProportion }: Pick<RouteInputs, 'settings' | 'frameProportion'>,
  capabilities: Pick<Capabilities, 'resolutions' | 'aspectRatios'>,
  supported: readonly Pixels[] | null,
): PictureChoice {
  const { resolutions, aspectRatios } = capabilities
  const asked = settings.resolution ?? null
  const ratio = ratioFor(settings.aspectRatio ?? null, frameProportion, aspectRatios, supported)
  const proportion = ratio.proportion
  const lines = asked === null ? null : linesOf(asked)
  const fits = (size: Pixels) =>
    (lines === null || linesOf(resolutionOf(size)) === lines) && isLike(size, proportion)
  const found = supported?.find(fits)
  const size =
    found ??
    pixelsOf(
      asked ?? usualResolution(resolutions),
      nearestRatio(proportion, [...(aspectRatios ?? []), ...usualRatios].filter(isConcrete)) ?? '16:9',
    )
  const word = asked === null || resolutions === null ? asked : offeredWord(asked, resolutions)
  const isResolutionOffered =
    asked === null ||
    (resolutions === null
      ? supported === null || supported.some((each) => linesOf(resolutionOf(each)) === lines)
      : word !== null)
  const said = [asked, settings.aspectRatio].filter((each) => each != null).join(' at ')
  const fault =
    !isResolutionOffered ||
    !ratio.isOffered ||
    (resolutions === null && aspectRatios === null && supported !== null && found === undefined)
      ? `It does not offer ${said}.`
      : null
  return { size, resolution: word ?? asked, aspectRatio: ratio.said, fault }
}

interface Ratio {
  said: AspectRatio | 'auto' | null
  proportion: number
  isOffered: boolean
}

function ratioFor(
  asked: AspectRatio | 'auto' | null,
  frame: number | null,
  offered: Capabilities['aspectRatios'],
  supported: readonly Pixels[] | null,
): Ratio {
  const wide = frame ?? proportionOf('16:9')
  if (asked === null)
    return {
      said: null,
      proportion: offered === null ? nearestSupported(wide, supported) : nearest(wide, offered),
      isOffered: true,
    }
  if (asked !== 'auto') {
    const proportion = proportionOf(asked)
    const isOffered =
      offered === null
        ? supported === null || supported.some((size) => isLike(size, proportion))
        : offered.includes(asked)
    return { said: asked, proportion, isOffered }
  }
  if (offered?.includes('auto') === true)
    return { said: 'auto', proportion: nearest(wide, usualRatios), isOffered: true }
  if (offered !== null) {
    const said = nearestRatio(wide, offered.filter(isConcrete))
    return { said, proportion: said === null ? wide : proportionOf(said), isOffered: said !== null }
  }
  return {
    said: supported === null ? nearestRatio(wide, usualRatios) : null,
    proportion: nearestSupported(wide, supported),
    isOffered: true,
  }
}

function nearest(proportion: number, offered: ReadonlyArray<AspectRatio | 'auto'>): number {
  const found = nearestRatio(proportion, offered.filter(isConcrete))
  return found === null ? proportion : proportionOf(found)
}

function nearestSupported(proportion: number, supported: readonly Pixels[] | null): number {
  if (supported === null) return nearest(proportion, usualRatios)
  const away = (size: Pixels) => Math.abs(Math.log(proportionOfPixels(size) / proportion))
  const found = supported.toSorted((a, b) => away(a) - away(b))[0]
  return found === undefined ? proportion : proportionOfPixels(found)
}

export function isConcrete(ratio: AspectRatio | 'auto'): ratio is AspectRatio {
  return ratio !== 'auto'
}

/** Whether pixels are of this proportion, but for rounding. */
export function isLike(size: Pixels, proportion: number): boolean {
  return Math.abs(proportionOfPixels(size) / proportion - 1) <= alike
}

function proportionOfPixels(size: Pixels): number {
  const [width = 1, height = 1] = size.split('x').map(Number)
  return width / height
}

/** The size of a request: as said, else by resolution and ratio, else the shape of its first frame. */
export function askedSize(
  said: Pixels | 'landscape' | 'portrait' | null,
  { settings, frameProportion }: Pick<RouteInputs, 'settings' | 'frameProportion'>,
): Pixels | 'landscape' | 'portrait' {
  if (said !== null) return said
  const { resolution, aspectRatio } = settings
  const isPortrait = frameProportion !== null && frameProportion < 1
  const isRatioSaid = aspectRatio !== undefined && aspectRatio !== 'auto'
  if (resolution === undefined && !isRatioSaid) return isPortrait ? 'portrait' : 'landscape'
  const usual = nearestRatio(frameProportion ?? proportionOf('16:9'), usualRatios) ?? '16:9'
  return pixelsOf(resolution ?? '720p', isRatioSaid ? aspectRatio : usual)
}
