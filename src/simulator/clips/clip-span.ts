import { invalidRequest } from '../jobs/vendor-error.ts'
import type { Verdict } from '../jobs/vendor-error.ts'

export interface SpanRules {
  /** The field's name at this vendor, for errors. */
  param: string
  /** The allowed seconds between start and end. */
  min: number
  max: number
  /** The default, or null if the field is required. */
  byDefault: string | null
}

type Span = { start: number; end: number }

/**
 * Parses `"1,3"`, the format in which all resellers select the part of a clip that shows a character
 * (docs/vendors/resellers.md#characters-at-once).
 * @param clipSeconds the length that the span must fit into, or null if unknown
 */
export function readSpan(value: unknown, rules: SpanRules, clipSeconds: number | null): Verdict<Span> {
  const { param, min, max, byDefault } = rules
  const wrong = (message: string) => invalidRequest(message, { code: 'invalid_parameter', param })
  const text = value ?? byDefault
  const [, from, to] = typeof text === 'string' ? (/^(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)$/.exec(text) ?? []) : []
  if (from === undefined || to === undefined)
    return wrong(`Invalid '${param}': expected "start,end" in seconds.`)
  const span = { start: Number(from), end: Number(to) }
  const length = span.end - span.start
  // Decimal fractions are not exact: 5.55 - 3.55 is a little more than 2.
  if (length < min - 1e-6 || length > max + 1e-6)
    return wrong(`Invalid '${param}': the range must be ${min} to ${max} seconds long.`)
  if (clipSeconds !== null && span.end > clipSeconds + 0.5)
    return wrong(`Invalid '${param}': the video is shorter than that.`)
  return { ok: true, value: span }
}
