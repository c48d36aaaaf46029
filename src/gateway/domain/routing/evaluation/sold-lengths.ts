import type { UpstreamSpec } from '../upstream.ts'

/** The asked length where it is sold, else the next longer one, else the longest. `durations` is ascending; null sells any. */
export function durationOf({ durations, wholeSeconds, maxSeconds }: UpstreamSpec, asked: number): number {
  if (durations === null) {
    const whole = wholeSeconds === true ? Math.ceil(asked) : asked
    return Math.min(whole, maxSeconds ?? whole)
  }
  if (durations.includes(asked)) return asked
  return durations.find((seconds) => seconds > asked) ?? durations.at(-1) ?? asked
}

/** For a sentence. */
export function lengthsOf({ durations, wholeSeconds, maxSeconds }: UpstreamSpec): string {
  if (durations !== null) return durations.join(', ')
  const kind = wholeSeconds === true ? 'whole numbers' : 'lengths'
  return maxSeconds === undefined ? kind : `${kind} up to ${maxSeconds}`
}
