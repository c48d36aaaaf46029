import { clipProblem } from './clip.ts'
import type { SimulatedUpstream } from './simulated-upstream.ts'
import { accepted, invalidRequest, invalidValue } from './vendor-error.ts'
import type { Verdict } from './vendor-error.ts'

/** The longest prompt of official-api.md §2.1; resellers publish no other number. */
const longestPrompt = 32_000

export function checkPrompt(prompt: unknown): Verdict<string> {
  const details = { code: 'invalid_value', param: 'prompt' }
  if (typeof prompt !== 'string') return invalidRequest("Missing required parameter: 'prompt'.", details)
  if (prompt.length >= 1 && prompt.length <= longestPrompt) return accepted(prompt)
  return invalidRequest(`Invalid 'prompt': expected 1 to ${longestPrompt} characters.`, details)
}

/** The asked model, or the first one when none is asked for. */
export function checkModel(upstream: SimulatedUpstream, model: unknown): Verdict<string> {
  const [first = ''] = upstream.models
  if (model === undefined) return accepted(first)
  const known = upstream.models.find((each) => each === model)
  return known === undefined ? invalidValue('model', model, upstream.models) : accepted(known)
}

/** @param param the dialect's name for the length, for the error */
export function checkSeconds(upstream: SimulatedUpstream, seconds: number, param: string): Verdict<number> {
  if (upstream.durations !== undefined)
    return upstream.durations.includes(seconds)
      ? accepted(seconds)
      : invalidValue(param, seconds, upstream.durations)
  const isSold = Number.isInteger(seconds) && seconds >= 1 && seconds <= 120
  if (isSold) return accepted(seconds)
  return invalidRequest(`Invalid '${param}': expected a whole number from 1 to 120.`, {
    code: 'invalid_value',
    param,
  })
}

/** The asked size, or 720x1280 (official-api.md §2.1) where that is sold, else the first one. */
export function checkSize(upstream: SimulatedUpstream, size: unknown): Verdict<string> {
  const { sizes } = upstream
  const usual = '720x1280'
  if (size === undefined)
    return accepted(sizes === undefined || sizes.includes(usual) ? usual : (sizes[0] ?? usual))
  if (sizes !== undefined) {
    const sold = sizes.find((each) => each === size)
    return sold === undefined ? invalidValue('size', size, sizes) : accepted(sold)
  }
  const details = { code: 'invalid_value', param: 'size' }
  if (typeof size !== 'string' || !/^[1-9]\d{1,3}x[1-9]\d{1,3}$/.test(size))
    return invalidRequest("Invalid 'size': expected WIDTHxHEIGHT.", details)
  const problem = clipProblem({ seconds: 1, ...sides(size) })
  return problem === null ? accepted(size) : invalidRequest(problem, details)
}

/** Splits `WIDTHxHEIGHT`. */
export function sides(size: string): { width: number; height: number } {
  const [width = 0, height = 0] = size.split('x').map(Number)
  return { width, height }
}
