import type { Capabilities } from './capabilities.ts'
import { isConcrete, isLike } from './picture-choice.ts'
import { offeredWord, pixelsOf, proportionOf, resolutionOf, usualResolution } from './picture.ts'
import type { Pixels } from './picture.ts'
import type { Shape } from '../routing/upstream.ts'

type PictureCapabilities = Pick<Capabilities, 'resolutions' | 'aspectRatios'>

/** Whether the upstream can be asked for a picture in pixels: one of its sizes, else one of its resolutions and ratios. */
export function isSizeOffered(
  size: Pixels,
  supported: readonly Pixels[] | null,
  { resolutions, aspectRatios }: PictureCapabilities,
): boolean {
  if (supported !== null) return supported.includes(size)
  const ratios = aspectRatios?.filter(isConcrete) ?? []
  return (
    (resolutions === null || offeredWord(resolutionOf(size), resolutions) !== null) &&
    (ratios.length === 0 || ratios.some((ratio) => isLike(size, proportionOf(ratio))))
  )
}

/** The picture of this orientation, where a request says no more: the first size, else 720p at 16:9 or what is nearest to that. */
export function sizeOfShape(
  shape: Shape,
  supported: readonly Pixels[] | null,
  { resolutions, aspectRatios }: PictureCapabilities,
): Pixels {
  const isShape = (proportion: number) => (shape === 'landscape' ? proportion > 1 : proportion < 1)
  const found = supported?.find((size) => {
    const [width = 0, height = 1] = size.split('x').map(Number)
    return isShape(width / height)
  })
  if (found !== undefined) return found
  const usual = shape === 'landscape' ? '16:9' : '9:16'
  const ratios = aspectRatios?.filter(isConcrete) ?? []
  const ratio = ratios.includes(usual) ? usual : ratios.find((each) => isShape(proportionOf(each)))
  return pixelsOf(usualResolution(resolutions), ratio ?? usual)
}
