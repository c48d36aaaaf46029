import { z } from 'zod'
import {
  checkModel,
  checkPrompt,
  checkSeconds,
  checkShape,
  checkSize,
  sizeOfShape,
} from '../../control/catalogue.ts'
import type { VendorContext } from '../../dialect.ts'
import type { Order } from '../../jobs/job.ts'
import { mentionedIn } from '../../jobs/mentions.ts'
import type { SimulatedUpstream } from '../../simulated-upstream.ts'
import { accepted, invalidRequest } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import type { Vendor } from '../../jobs/vendor.ts'
import { encodingProblem } from './form.ts'
import type { Form } from './form.ts'
import { profileOf, stylesOf } from './profiles.ts'
import type { OpenaiProfile } from './profiles.ts'
import { readReference } from './reference.ts'

const official = ['prompt', 'model', 'seconds', 'size', 'characters']

/**
 * A create of docs/vendors/openai-videos.md#create-a-video as the upstream's profile accepts it, or the error of the
 * real server.
 */
export async function readOrder(
  form: Form,
  { vendor }: VendorContext,
  inline: readonly string[],
): Promise<Verdict<Order>> {
  const { upstream } = vendor
  const profile = profileOf(upstream)
  const shape = encodingProblem(form, upstream, profile) ?? unknownField(form, upstream, profile)
  if (shape !== null) return shape
  const prompt = checkPrompt(form.fields['prompt'])
  if (!prompt.ok) return prompt
  const model = readModel(form, upstream, profile)
  if (!model.ok) return model
  const seconds = readSeconds(form, upstream, profile)
  if (!seconds.ok) return seconds
  const size = readSize(form, upstream, profile)
  if (!size.ok) return size
  const influence = readInfluence(form)
  if (!influence.ok) return influence
  const cast = readCast(form, prompt.value, vendor, profile)
  if (!cast.ok) return cast
  const reference = await readReference(form, size.value, upstream.strictReferenceSize === true, profile)
  if (!reference.ok) return reference
  return accepted({
    model: model.value,
    prompt: prompt.value,
    seconds: seconds.value,
    size: size.value,
    characters: [...cast.value, ...inline],
    reference: reference.value,
    influenceStrength: influence.value,
    extras: extrasOf(form, profile),
  })
}

function unknownField(form: Form, upstream: SimulatedUpstream, profile: OpenaiProfile) {
  if (upstream.rejectUnknownFields !== true && !profile.refusesUnknownFields) return null
  const known = new Set([...official, ...profile.references.fields, ...profile.extensions])
  const unknown = Object.keys(form.fields).find((name) => !known.has(name))
  if (unknown === undefined) return null
  return invalidRequest(`Unknown parameter: '${unknown}'.`, {
    status: profile.refusesUnknownFields ? 422 : 400,
    code: 'unknown_parameter',
    param: unknown,
  })
}

function extrasOf(form: Form, { fields, references }: OpenaiProfile): Record<string, unknown> {
  const read = new Set([...official, ...references.fields, 'influence_strength', fields.length, fields.size])
  return Object.fromEntries(Object.entries(form.fields).filter(([name]) => !read.has(name)))
}

function readModel(form: Form, upstream: SimulatedUpstream, { takesAny }: OpenaiProfile): Verdict<string> {
  const asked = form.fields['model']
  const isEchoed = takesAny.models && typeof asked === 'string' && asked !== ''
  return isEchoed ? accepted(asked) : checkModel(upstream, asked)
}

/** Text, even in JSON (docs/vendors/failure-modes.md#wrong-length), unless the upstream accepts numbers too. */
function readSeconds(form: Form, upstream: SimulatedUpstream, profile: OpenaiProfile): Verdict<number> {
  const param = profile.fields.length
  const asked =
    form.fields[param] ?? form.fields[profile.extensions.includes('duration') ? 'duration' : param]
  const value = asked ?? String(upstream.durations?.[0] ?? 4)
  const takesNumbers = profile.seconds.takesNumbers || upstream.secondsType === 'number'
  const digits = takesNumbers ? /^\d+(\.0+)?$/ : /^[1-9]\d*$/
  const isText = typeof value === 'string' && digits.test(value)
  if (isText || (typeof value === 'number' && takesNumbers))
    return checkLength(upstream, profile, Number(value), param)
  // FastAPI reads the parts of a form itself; the handler reads a JSON body.
  if (profile.variants === 'numbers' && form.encoding === 'multipart')
    return invalidRequest('Input should be a valid integer, unable to parse string as an integer', {
      status: 422,
      code: 'int_parsing',
      param,
    })
  const message = `Invalid type for '${param}': expected a string of digits, but got ${JSON.stringify(value)} instead.`
  return invalidRequest(message, { code: 'invalid_type', param })
}

function checkLength(
  upstream: SimulatedUpstream,
  { takesAny, longestSeconds }: OpenaiProfile,
  seconds: number,
  param: string,
): Verdict<number> {
  if (!takesAny.lengths) return checkSeconds(upstream, seconds, param)
  if (longestSeconds === null || seconds <= longestSeconds) return accepted(seconds)
  return invalidRequest(`Input should be less than or equal to ${longestSeconds}`, { status: 422, param })
}

/** `WIDTHxHEIGHT`, or a shape if the profile uses shapes. */
function readSize(form: Form, upstream: SimulatedUpstream, profile: OpenaiProfile): Verdict<string> {
  const { fields, takesAny } = profile
  const value = form.fields[fields.size]
  if (takesAny.sizes === 'positive' && typeof value === 'string' && /^(0+x\d+|\d+x0+)$/.test(value))
    return invalidRequest(`Invalid size dimensions: ${value}.`, { code: 'value_error' })
  if (takesAny.sizes !== false && typeof value === 'string' && /^\d+x\d+$/.test(value)) return accepted(value)
  if (takesAny.sizes !== false && value !== undefined)
    return invalidRequest("String should match pattern '^\\d+x\\d+$'", {
      code: 'invalid_value',
      param: 'size',
    })
  if (fields.size === 'size') return checkSize(upstream, value)
  const shape = checkShape(upstream, value, fields.size)
  if (!shape.ok) return shape
  return sizeOfShape(upstream, shape.value, fields.size, form.fields['resolution'] === '1080p')
}

/** `influence_strength` (docs/vendors/resellers.md#the-sora-tasks-protocol): the weight of the reference, 0 to 1. */
function readInfluence(form: Form): Verdict<number | null> {
  const value = form.fields['influence_strength']
  if (value === undefined) return accepted(null)
  const number = z.coerce.number().min(0).max(1).safeParse(value)
  if (number.success) return accepted(number.data)
  return invalidRequest("Invalid 'influence_strength': expected a number from 0 to 1.", {
    code: 'invalid_value',
    param: 'influence_strength',
  })
}

const idList = z.array(z.object({ id: z.string().min(1) })).max(2)

/** At most two by id, mentioned by name (docs/vendors/openai-videos.md#characters); at resellers any number by `@username`. */
function readCast(form: Form, prompt: string, vendor: Vendor, profile: OpenaiProfile): Verdict<string[]> {
  const styles = stylesOf(vendor.upstream, profile.characterStyles)
  const isReseller = styles.includes('sync') || styles.includes('job')
  const mentioned = isReseller ? mentionedIn(prompt, vendor) : accepted([])
  const value = form.fields['characters']
  if (!mentioned.ok || value === undefined) return mentioned
  const details = { code: 'invalid_value', param: 'characters' }
  if (!styles.includes('official')) return invalidRequest('This model takes no characters.', details)
  const list = idList.safeParse(value)
  if (!list.success)
    return invalidRequest("Invalid 'characters': expected at most 2 objects with an id.", details)
  const cast = vendor.characters.admit(list.data.map(({ id }) => id))
  if (!cast.ok) return cast
  const unnamed = cast.value.find((character) => !prompt.includes(character.name))
  if (unnamed !== undefined)
    return invalidRequest(`The prompt must mention the character '${unnamed.name}' by name.`, details)
  return accepted([...mentioned.value, ...cast.value.map(({ id }) => id)])
}
