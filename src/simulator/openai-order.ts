import { z } from 'zod'
import { checkModel, checkPrompt, checkSeconds, checkSize } from './catalogue.ts'
import type { Order } from './job.ts'
import type { Form } from './openai-form.ts'
import { readReference } from './openai-reference.ts'
import type { SimulatedUpstream } from './simulated-upstream.ts'
import { accepted, invalidRequest } from './vendor-error.ts'
import type { Verdict } from './vendor-error.ts'
import type { Vendor } from './vendor.ts'

const known = new Set([
  'prompt',
  'model',
  'seconds',
  'size',
  'input_reference',
  'characters',
  'influence_strength',
])

/** A create of official-api.md §2.1, or the 400 that the real one would answer. */
export async function readOrder(form: Form, { upstream, characters }: Vendor): Promise<Verdict<Order>> {
  const unknown = Object.keys(form.fields).find((name) => !known.has(name))
  if (unknown !== undefined && upstream.rejectUnknownFields === true)
    return invalidRequest(`Unknown parameter: '${unknown}'.`, { code: 'unknown_parameter', param: unknown })
  const prompt = checkPrompt(form.fields['prompt'])
  if (!prompt.ok) return prompt
  const model = checkModel(upstream, form.fields['model'])
  if (!model.ok) return model
  const seconds = readSeconds(form, upstream)
  if (!seconds.ok) return seconds
  const size = checkSize(upstream, form.fields['size'])
  if (!size.ok) return size
  const influence = readInfluence(form)
  if (!influence.ok) return influence
  const ids = readCharacterIds(form, upstream)
  if (!ids.ok) return ids
  const cast = characters.admit(ids.value)
  if (!cast.ok) return cast
  const unnamed = cast.value.find((character) => !prompt.value.includes(character.name))
  if (unnamed !== undefined)
    return invalidRequest(`The prompt must mention the character '${unnamed.name}' by name.`, {
      code: 'invalid_value',
      param: 'characters',
    })
  const reference = await readReference(form, size.value, upstream.strictReferenceSize === true)
  if (!reference.ok) return reference
  return accepted({
    model: model.value,
    prompt: prompt.value,
    seconds: seconds.value,
    size: size.value,
    characters: ids.value,
    reference: reference.value,
    influenceStrength: influence.value,
  })
}

/** Text, also in JSON (official-api.md §5 row 7), unless the upstream's `secondsType` is a number (SGLang). */
function readSeconds(form: Form, upstream: SimulatedUpstream): Verdict<number> {
  const value = form.fields['seconds'] ?? String(upstream.durations?.[0] ?? 4)
  if (typeof value === 'string' && /^[1-9]\d*$/.test(value))
    return checkSeconds(upstream, Number(value), 'seconds')
  if (typeof value === 'number' && upstream.secondsType === 'number')
    return checkSeconds(upstream, value, 'seconds')
  const message = `Invalid type for 'seconds': expected a string of digits, but got ${JSON.stringify(value)} instead.`
  return invalidRequest(message, { code: 'invalid_type', param: 'seconds' })
}

/** `influence_strength` (mission.md): how much the reference decides, 0 to 1. */
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

/** At most two (official-api.md §2.1). */
function readCharacterIds(form: Form, upstream: SimulatedUpstream): Verdict<string[]> {
  const value = form.fields['characters']
  if (value === undefined) return accepted([])
  const details = { code: 'invalid_value', param: 'characters' }
  if (!upstream.characters) return invalidRequest('This model takes no characters.', details)
  const list = idList.safeParse(value)
  if (list.success) return accepted(list.data.map(({ id }) => id))
  return invalidRequest("Invalid 'characters': expected at most 2 objects with an id.", details)
}
