import type { InputName } from '../inputs/capabilities.ts'
import { linesOf } from '../inputs/picture.ts'
import type { Resolution } from '../inputs/picture.ts'
import type { UpstreamSpec } from '../routing/upstream.ts'

/** Lengths for some inputs of a request. */
export interface OfferedLengths {
  /** For requests with any of these; null: for all others. */
  inputs: InputName[] | null
  /** Seconds, ascending; null: any. */
  durations: number[] | null
  /** Of any length: whether it is a whole number of seconds, and the longest; null: no limit. */
  wholeSeconds: boolean
  maxSeconds: number | null
}

/** The lengths for one resolution (null: for those that no rule names), by inputs. The first entry that matches applies; the last one always does. */
export function lengthsByInputs(spec: UpstreamSpec, resolution: Resolution | null): OfferedLengths[] {
  const rules = (spec.capabilities?.lengths ?? []).filter(
    ({ resolutions }) =>
      resolutions === null ||
      (resolution !== null && resolutions.some((each) => linesOf(each) === linesOf(resolution))),
  )
  const last = rules.findIndex(({ inputs }) => inputs === null)
  const found = rules
    .slice(0, last === -1 ? undefined : last + 1)
    .map(({ inputs, durations }) => ({ inputs, durations, wholeSeconds: false, maxSeconds: null }))
  if (last !== -1) return found
  const { durations, wholeSeconds = false, maxSeconds = null } = spec
  return [...found, { inputs: null, durations, wholeSeconds, maxSeconds }]
}
