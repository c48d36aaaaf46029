import type { InputName } from '../../inputs/capabilities.ts'
import { linesOf } from '../../inputs/picture.ts'
import type { Resolution } from '../../inputs/picture.ts'
import type { UpstreamSpec } from '../upstream.ts'

export type SupportedLengths = Pick<UpstreamSpec, 'durations' | 'wholeSeconds' | 'maxSeconds'>

/** The lengths supported for this resolution and these inputs: by the first rule that matches, else the upstream's own. */
export function lengthsFor(
  { durations, wholeSeconds, maxSeconds, capabilities }: UpstreamSpec,
  resolution: Resolution,
  inputs: ReadonlySet<InputName>,
): SupportedLengths {
  const rule = capabilities?.lengths.find(
    (each) =>
      each.resolutions?.some((supported) => linesOf(supported) === linesOf(resolution)) !== false &&
      each.inputs?.some((input) => inputs.has(input)) !== false,
  )
  if (rule !== undefined) return { durations: rule.durations }
  return {
    durations,
    ...(wholeSeconds !== undefined && { wholeSeconds }),
    ...(maxSeconds !== undefined && { maxSeconds }),
  }
}

/** The requested length if supported, else the next longer one, else the longest. `durations` is ascending; null supports any. */
export function durationOf({ durations, wholeSeconds, maxSeconds }: SupportedLengths, asked: number): number {
  if (durations === null) {
    const whole = wholeSeconds === true ? Math.ceil(asked) : asked
    return Math.min(whole, maxSeconds ?? whole)
  }
  if (durations.includes(asked)) return asked
  return durations.find((seconds) => seconds > asked) ?? durations.at(-1) ?? asked
}

/** For a sentence. */
export function lengthsOf({ durations, wholeSeconds, maxSeconds }: SupportedLengths): string {
  if (durations !== null) return durations.join(', ')
  const kind = wholeSeconds === true ? 'whole numbers' : 'lengths'
  return maxSeconds === undefined ? kind : `${kind} up to ${maxSeconds}`
}
