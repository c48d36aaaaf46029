import { clipProblem } from '../clips/clip.ts'
import type { SimulatedUpstream } from '../simulated-upstream.ts'
import { accepted, invalidRequest, invalidType, invalidValue } from '../jobs/vendor-error.ts'
import type { Verdict } from '../jobs/vendor-error.ts'

/** The longest prompt by docs/vendors/openai-videos.md#create-a-video; resellers publish no other number. */
const longestPrompt = 32_000

export function checkPrompt(prompt: unknown): Verdict<string> {
  const details = { code: 'invalid_value', param: 'prompt' }
  if (prompt === undefined)
    return invalidRequest("Missing required parameter: 'prompt'.", {
      ...details,
      code: 'missing_required_parameter',
    })
  if (typeof prompt !== 'string') return invalidType('prompt', 'a string')
  if (prompt.length >= 1 && prompt.length <= longestPrompt) return accepted(prompt)
  return invalidRequest(`Invalid 'prompt': expected 1 to ${longestPrompt} characters.`, details)
}

/** The requested model, or the first one by default. */
export function checkModel(upstream: SimulatedUpstream, model: unknown): Verdict<string> {
  const [first = ''] = upstream.models
  if (model === undefined) return accepted(first)
  const known = upstream.models.find((each) => each === model)
  return known === undefined ? invalidValue('model', model, upstream.models) : accepted(known)
}

/**
 * A length that must be a number, or must be text, depending on the vendor
 * (docs/vendors/resellers.md#lengths-shapes-and-lifetimes).
 */
export function checkLength(
  upstream: SimulatedUpstream,
  value: unknown,
  param: string,
  type: 'string' | 'number',
): Verdict<number> {
  if (value === undefined) return accepted(upstream.durations?.[0] ?? 10)
  if (type === 'number' && typeof value === 'number') return checkSeconds(upstream, value, param)
  if (type === 'string' && typeof value === 'string' && /^[1-9]\d*$/.test(value))
    return checkSeconds(upstream, Number(value), param)
  return invalidType(param, type === 'number' ? 'a number' : 'a string of digits')
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

/**
 * The requested size. Default: 720x1280 (docs/vendors/openai-videos.md#create-a-video) if supported, otherwise the
 * first size.
 */
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

export type Shape = 'landscape' | 'portrait' | 'square'

/**
 * The supported size of a shape. If there are several: the first, or the largest for a `fine` grade
 * (docs/vendors/resellers.md#lengths-shapes-and-lifetimes).
 */
export function sizeOfShape(
  upstream: SimulatedUpstream,
  shape: Shape,
  param: string,
  isFine = false,
): Verdict<string> {
  const usual = { landscape: '1280x720', portrait: '720x1280', square: '1024x1024' }
  if (upstream.sizes === undefined) return accepted(usual[shape])
  const sold = upstream.sizes.filter((size) => shapeOf(size) === shape)
  const [first] = isFine ? sold.toSorted((one, other) => area(other) - area(one)) : sold
  return first === undefined ? invalidValue(param, shape, [...shapesSold(upstream)]) : accepted(first)
}

/** `landscape`, `16:9` and the like; undefined means the shape of the first size. */
export function checkShape(upstream: SimulatedUpstream, value: unknown, param: string): Verdict<Shape> {
  if (value === undefined) return accepted(shapeOf(upstream.sizes?.[0] ?? '720x1280'))
  const shape = typeof value === 'string' ? shapeNames[value] : undefined
  return shape === undefined ? invalidValue(param, value, Object.keys(shapeNames)) : accepted(shape)
}

const shapeNames: Readonly<Record<string, Shape>> = {
  landscape: 'landscape',
  portrait: 'portrait',
  square: 'square',
  '16:9': 'landscape',
  '9:16': 'portrait',
  '1:1': 'square',
}

function shapeOf(size: string): Shape {
  const { width, height } = sides(size)
  if (width === height) return 'square'
  return width > height ? 'landscape' : 'portrait'
}

function shapesSold(upstream: SimulatedUpstream): Set<string> {
  return new Set(upstream.sizes?.map(shapeOf))
}

const area = (size: string) => sides(size).width * sides(size).height

/** Splits `WIDTHxHEIGHT`. */
export function sides(size: string): { width: number; height: number } {
  const [width = 0, height = 0] = size.split('x').map(Number)
  return { width, height }
}
