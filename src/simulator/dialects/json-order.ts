import { z } from 'zod'
import { checkModel, checkPrompt } from '../control/catalogue.ts'
import type { VendorContext } from '../dialect.ts'
import { fetchReference } from '../clips/fetch-media.ts'
import type { Order, Reference } from '../jobs/job.ts'
import { mentionedIn } from '../jobs/mentions.ts'
import { unfetchable } from '../faults/vendor-errors.ts'
import { accepted, invalidRequest, invalidType } from '../jobs/vendor-error.ts'
import type { Verdict } from '../jobs/vendor-error.ts'

const jsonObject = z.record(z.string(), z.unknown())

/** The fields of a JSON body; none if it is not an object. */
export function fieldsOf(body: unknown): Record<string, unknown> {
  return jsonObject.safeParse(body).data ?? {}
}

/** What a dialect has read from its own fields for lengths, shapes and images. */
export interface OrderParts {
  fields: Record<string, unknown>
  seconds: Verdict<number>
  size: Verdict<string>
  /** URLs or base64 of reference images. The first one is fetched and checked. */
  images: Verdict<readonly string[]>
  /** The dialect's name for them, for errors. */
  imagesField: string
  /** Handles of characters that are not in the prompt as `@handle`. */
  cast?: Verdict<readonly string[]>
  /** Fields that were read; all others are recorded as `extras`. */
  read: readonly string[]
  /** Absent if the path or the envelope names the model. */
  model?: Verdict<string>
}

/** A create in a JSON dialect. Errors are reported in the order of real vendors. */
export async function readJsonOrder(
  parts: OrderParts,
  { vendor, closing }: VendorContext,
): Promise<Verdict<Order>> {
  const { fields, seconds, size, images, cast = accepted([]) } = parts
  const prompt = checkPrompt(fields['prompt'])
  if (!prompt.ok) return prompt
  const model = parts.model ?? checkModel(vendor.upstream, fields['model'])
  if (!model.ok) return model
  if (!seconds.ok) return seconds
  if (!size.ok) return size
  if (!images.ok) return images
  if (!cast.ok) return cast
  const mentioned = mentionedIn(prompt.value, vendor)
  if (!mentioned.ok) return mentioned
  const reference = await readImage(images.value[0], parts.imagesField, closing)
  if (!reference.ok) return reference
  const read = new Set(['prompt', 'model', ...parts.read])
  return accepted({
    model: model.value,
    prompt: prompt.value,
    seconds: seconds.value,
    size: size.value,
    characters: [...new Set([...mentioned.value, ...cast.value])],
    reference: reference.value,
    influenceStrength: null,
    extras: Object.fromEntries(Object.entries(fields).filter(([name]) => !read.has(name))),
  })
}

/**
 * Most resellers accept images as public URLs only, and fetch them immediately
 * (docs/vendors/resellers.md#lengths-shapes-and-lifetimes).
 */
async function readImage(
  url: string | undefined,
  param: string,
  closing: AbortSignal,
): Promise<Verdict<Reference | null>> {
  if (url === undefined) return accepted(null)
  const reference = await fetchReference(url, closing)
  if (reference === null) return unfetchable(param)
  if (reference.kind === 'image') return accepted(reference)
  return invalidRequest(`Invalid '${param}': expected an image.`, { code: 'invalid_value', param })
}

const texts = z.array(z.string().min(1))

/** A list of URLs or base64; absent or empty for none. */
export function listOf(value: unknown, param: string): Verdict<readonly string[]> {
  const list = texts.safeParse(value ?? [])
  return list.success ? accepted(list.data) : invalidType(param, 'an array of strings')
}

/** One URL or base64; absent, null or empty for none. */
export function oneOf(value: unknown, param: string): Verdict<readonly string[]> {
  if (value === undefined || value === null || value === '') return accepted([])
  return typeof value === 'string' ? accepted([value]) : invalidType(param, 'a string')
}

/** Applies `then` to the value, or returns the error. */
export function after<T, U>(verdict: Verdict<T>, then: (value: T) => Verdict<U>): Verdict<U> {
  return verdict.ok ? then(verdict.value) : verdict
}
