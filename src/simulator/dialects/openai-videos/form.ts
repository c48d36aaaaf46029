import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { SimulatedUpstream } from '../../simulated-upstream.ts'
import { invalidRequest } from '../../jobs/vendor-error.ts'
import type { OpenaiProfile } from './profiles.ts'

export interface UploadedFile {
  /**
   * Empty if the part had none: the real server reads such a part as text
   * (docs/vendors/openai-videos.md#request-encodings).
   */
  filename: string
  mimetype: string
  bytes: Buffer
}

/** The body of an `openai-videos` request, in either encoding. */
export interface Form {
  encoding: 'json' | 'multipart'
  fields: Record<string, unknown>
  files: Map<string, UploadedFile>
}

const jsonObject = z.record(z.string(), z.unknown())

/** Reads JSON or multipart (docs/vendors/openai-videos.md#request-encodings); null if the body is not an object. */
export async function readForm(request: FastifyRequest): Promise<Form | null> {
  if (request.isMultipart()) return readMultipart(request)
  const body = jsonObject.safeParse(request.body)
  return body.success ? { encoding: 'json', fields: body.data, files: new Map() } : null
}

/** The error for an encoding that this upstream does not support (docs/vendors/openai-videos.md#who-speaks-it), or null. */
export function encodingProblem(form: Form, upstream: SimulatedUpstream, { encodings }: OpenaiProfile) {
  const details = { param: 'prompt', code: 'missing_required_parameter' }
  // FastAPI reads the fields of the form, and finds none in a JSON body.
  if (!encodings.includes(form.encoding)) return invalidRequest('Field required', details)
  if (upstream.multipartNeedsFile === true && form.encoding === 'multipart' && form.files.size === 0)
    return invalidRequest('input_reference is required', { param: 'input_reference' })
  return null
}

async function readMultipart(request: FastifyRequest): Promise<Form> {
  const texts: { name: string; value: unknown }[] = []
  const files = new Map<string, UploadedFile>()
  for await (const part of request.parts()) {
    if (part.type === 'field') texts.push({ name: part.fieldname, value: part.value })
    else {
      const { filename, mimetype } = part
      files.set(part.fieldname, { filename, mimetype, bytes: await part.toBuffer() })
    }
  }
  return { encoding: 'multipart', fields: unflatten(texts), files }
}

/** Expands the SDK's brackets: `input_reference[image_url]` and the repeated `characters[][id]`. */
function unflatten(texts: readonly { name: string; value: unknown }[]): Record<string, unknown> {
  const flat = new Map<string, unknown>()
  const nested = new Map<string, Record<string, unknown>>()
  const lists = new Map<string, Record<string, unknown>[]>()
  for (const { name, value } of texts) {
    const [, owner = '', index, key = ''] = /^(\w+)(?:\[(\d*)\])?\[(\w+)\]$/.exec(name) ?? []
    if (owner === '') flat.set(name, value)
    else if (index === undefined) nested.set(owner, { ...nested.get(owner), [key]: value })
    else lists.set(owner, [...(lists.get(owner) ?? []), { [key]: value }])
  }
  return Object.fromEntries([...flat, ...nested, ...lists])
}
