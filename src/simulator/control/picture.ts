import { sides } from './catalogue.ts'
import type { SimulatedUpstream } from '../simulated-upstream.ts'
import { accepted, invalidValue } from '../jobs/vendor-error.ts'
import type { Verdict } from '../jobs/vendor-error.ts'

/** What a vendor accepts instead of pixels. Default: the first supported value of each. */
interface WantedPicture {
  ratio: unknown
  /** `720p`, `768P`, `2K`. */
  resolution: unknown
}

/** Tolerance, because sizes are rounded to even pixels. */
const alike = 0.03

/**
 * The supported size for a ratio and a resolution; any size if the upstream lists none.
 * @param names the dialect's names of both, for errors
 */
export function checkPicture(
  { sizes }: SimulatedUpstream,
  { ratio, resolution }: WantedPicture,
  names: { ratio: string; resolution: string },
): Verdict<string> {
  const lines = resolution === undefined ? null : linesOf(resolution)
  if (Number.isNaN(lines)) return invalidValue(names.resolution, resolution, ['720p', '1080p'])
  const isFree = ratio === undefined || ratio === 'adaptive' || ratio === 'auto'
  const proportion = isFree ? null : proportionOf(ratio)
  if (Number.isNaN(proportion)) return invalidValue(names.ratio, ratio, ['16:9', '9:16', '1:1'])
  if (sizes === undefined) return accepted(pixelsOf(lines ?? 720, proportion ?? 16 / 9))
  const fitting = sizes.filter((size) => lines === null || shortOf(size) === lines)
  if (fitting.length === 0)
    return invalidValue(names.resolution, resolution, [...new Set(sizes.map((size) => `${shortOf(size)}p`))])
  const sold = fitting.find((size) => proportion === null || isLike(size, proportion))
  return sold === undefined ? invalidValue(names.ratio, ratio, fitting) : accepted(sold)
}

/** Pixels of the shorter side; NaN if it is not a resolution. */
function linesOf(resolution: unknown): number {
  const [, count = '', unit = ''] = /^(\d+)([pk])$/i.exec(String(resolution)) ?? []
  if (unit.toLowerCase() === 'k') return count === '2' ? 1440 : Number(count) * 540
  return count === '' ? Number.NaN : Number(count)
}

/** Width divided by height; NaN if it is not a ratio. */
function proportionOf(ratio: unknown): number {
  const [, width, height] = /^(\d+):(\d+)$/.exec(String(ratio)) ?? []
  return Number(width) / Number(height)
}

const even = (length: number) => 2 * Math.round(length / 2)

function pixelsOf(lines: number, proportion: number): string {
  return proportion >= 1
    ? `${even(lines * proportion)}x${even(lines)}`
    : `${even(lines)}x${even(lines / proportion)}`
}

const shortOf = (size: string) => Math.min(sides(size).width, sides(size).height)

function isLike(size: string, proportion: number): boolean {
  const { width, height } = sides(size)
  return Math.abs(Math.log(width / height / proportion)) < alike
}
