/** `WIDTHxHEIGHT`. */
export type Pixels = `${number}x${number}`

/** Lines of the shorter side, or `2k`, `4k`: what vendors use instead of pixels. */
export type Resolution = `${number}p` | `${number}k`
export const resolutionPattern = /^(?:[1-9]\d{2,3}p|[1-8]k)$/
/** Width to height. */
export type AspectRatio = `${number}:${number}`
export const aspectRatioPattern = /^[1-9]\d?:[1-9]\d?$/

/** What a picture is, where nobody says its ratio. */
export const usualRatios: readonly AspectRatio[] = ['16:9', '9:16', '1:1', '4:3', '3:4', '21:9', '9:21']

export function isResolution(text: string): text is Resolution {
  return resolutionPattern.test(text)
}

export function isAspectRatio(text: string): text is AspectRatio {
  return aspectRatioPattern.test(text)
}

/** Lines by thousands of columns, as the words are used: 2k is QHD and 4k is UHD. */
const linesOfK = 540

/** Pixels of the shorter side. */
export function linesOf(resolution: Resolution): number {
  const count = Number.parseInt(resolution, 10)
  return resolution.endsWith('p') ? count : count === 2 ? 1440 : count * linesOfK
}

export function proportionOf(ratio: AspectRatio): number {
  const [width = 1, height = 1] = ratio.split(':').map(Number)
  return width / height
}

/** The pixels of a picture of this resolution and proportion; both sides are even. */
export function pixelsOf(resolution: Resolution, ratio: AspectRatio): Pixels {
  const lines = even(linesOf(resolution))
  const proportion = proportionOf(ratio)
  return proportion >= 1 ? `${even(lines * proportion)}x${lines}` : `${lines}x${even(lines / proportion)}`
}

function even(length: number): number {
  return Math.max(2, Math.round(length / 2) * 2)
}

/** The ratio that is nearest to this proportion, measured alike for wide and high ones. */
export function nearestRatio(proportion: number, offered: readonly AspectRatio[]): AspectRatio | null {
  const away = (ratio: AspectRatio) => Math.abs(Math.log(proportionOf(ratio) / proportion))
  return offered.toSorted((a, b) => away(a) - away(b))[0] ?? null
}

/** The resolution of a size: 1280x720 is `720p`. */
export function resolutionOf(size: Pixels): Resolution {
  const [width = 0, height = 0] = size.split('x').map(Number)
  return `${Math.min(width, height)}p`
}

/** What is rendered where nobody says a resolution; null offers any. */
export function usualResolution(offered: readonly Resolution[] | null): Resolution {
  return offered?.includes('720p') === true ? '720p' : (offered?.[0] ?? '720p')
}

/** The word of the upstream for a resolution: 2160p is `4k` there. Null where it does not offer so many lines. */
export function offeredWord(resolution: Resolution, offered: readonly Resolution[]): Resolution | null {
  if (offered.includes(resolution)) return resolution
  return offered.find((each) => linesOf(each) === linesOf(resolution)) ?? null
}
