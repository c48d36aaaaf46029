import { z } from 'zod'
import { isMp4, pictureSize } from './clip-facts.ts'
import type { Reference } from './job.ts'
import type { Form, UploadedFile } from './openai-form.ts'
import { accepted, invalidRequest } from './vendor-error.ts'
import type { Verdict } from './vendor-error.ts'

const mimetypes = ['image/jpeg', 'image/png', 'image/webp', 'video/mp4']
/** official-api.md §2.1. */
const longestImageUrl = 20_971_520
const named = z.union([
  z.strictObject({
    image_url: z
      .string()
      .regex(/^(https?:\/\/|data:)/)
      .max(longestImageUrl),
  }),
  z.strictObject({ file_id: z.string().min(1) }),
])
const param = 'input_reference'

/** `input_reference` as a file part, or as an object that names one (official-api.md §2.1-2.2 and the rows of §3.2). */
export async function readReference(
  form: Form,
  size: string,
  isStrict: boolean,
): Promise<Verdict<Reference | null>> {
  const file = form.files.get(param)
  if (file !== undefined) return readFile(file, isStrict ? size : null)
  const value = form.fields[param]
  if (value === undefined) return accepted(null)
  if (typeof value === 'string')
    return invalidRequest(`Invalid type for '${param}': expected a file, but got a string instead.`, {
      code: 'invalid_type',
      param,
    })
  const reference = named.safeParse(value)
  if (!reference.success)
    return invalidRequest(`Invalid '${param}': expected exactly one of image_url and file_id.`, {
      code: 'invalid_value',
      param,
    })
  return accepted({ kind: 'image_url' in reference.data ? 'image_url' : 'file_id', bytes: null })
}

async function readFile(file: UploadedFile, size: string | null): Promise<Verdict<Reference>> {
  if (file.filename === '')
    return invalidRequest(`Invalid type for '${param}': expected a file, but got a string instead.`, {
      code: 'invalid_type',
      param,
    })
  if (!mimetypes.includes(file.mimetype))
    return invalidRequest(
      `Invalid file '${param}': unsupported mimetype ('${file.mimetype}'). Supported file formats are ${mimetypes.join(', ')}.`,
      { code: 'unsupported_file_mimetype', param },
    )
  const bytes = file.bytes.length
  if (file.mimetype === 'video/mp4')
    return isMp4(file.bytes)
      ? accepted({ kind: 'video', bytes })
      : invalidRequest('Invalid video file.', { param })
  if (size !== null && (await pictureSize(file.bytes)) !== size)
    return invalidRequest('Inpaint image must match the requested width and height')
  return accepted({ kind: 'image', bytes })
}
