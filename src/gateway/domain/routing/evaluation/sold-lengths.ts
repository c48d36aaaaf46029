import type { InputName } from '../../inputs/capabilities.ts'
import { linesOf } from '../../inputs/picture.ts'
import type { Resolution } from '../../inputs/picture.ts'
import type { UpstreamSpec } from '../upstream.ts'

export type SoldLengths = Pick<UpstreamSpec, 'durations' | 'wholeSeconds' | 'maxSeconds'>

/** What is sold of a picture of this resolution, to a request with these inputs: by the first rule that fits, else as always. */
export function lengthsFor(
  { durations, wholeSeconds, maxSeconds, capabilities }: UpstreamSpec,
  resolution: Resolution,
  inputs: ReadonlySet<InputName>,
): SoldLengths {
  const rule = capabilities?.lengths.find(
    (each) =>
      each.resolutions?.some((sold) => linesOf(sold) === linesOf(resolution)) !== false &&
      each.inputs?.some((input) => inputs.has(input)) !== false,
  )
  if (rule !== undefined) return { durations: rule.durations }
  return {
    durations,
    ...(wholeSeconds !== undefined && { wholeSeconds }),
    ...(maxSeconds !== undefined && { maxSeconds }),
  }
}

/** The asked length where it is sold, else the next longer one, else the longest. `durations` is ascending; null sells any. */
export function durationOf({ durations, wholeSeconds, maxSeconds }: SoldLengths, asked: number): number {
  if (durations === null) {
    const whole = wholeSeconds === true ? Math.ceil(asked) : asked
    return Math.min(whole, maxSeconds ?? whole)
  }
  if (durations.includes(asked)) return asked
  return durations.find((seconds) => seconds > asked) ?? durations.at(-1) ?? asked
}

/** For a sentence. */
export function lengthsOf({ durations, wholeSeconds, maxSeconds }: SoldLengths): string {
  if (durations !== null) return durations.join(', ')
  const kind = wholeSeconds === true ? 'whole numbers' : 'lengths'
  return maxSeconds === undefined ? kind : `${kind} up to ${maxSeconds}`
}
