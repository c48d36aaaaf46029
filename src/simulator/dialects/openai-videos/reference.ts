import { z } from 'zod'
import { isMp4, pictureSize } from '../../clips/clip-facts.ts'
import type { Reference } from '../../jobs/job.ts'
import { accepted, invalidRequest } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import type { Form, UploadedFile } from './form.ts'
import type { OpenaiProfile } from './profiles.ts'

const mimetypes = ['image/jpeg', 'image/png', 'image/webp', 'video/mp4']
/** The longest accepted data URL (docs/vendors/openai-videos.md#create-a-video). */
const longestImageUrl = 20_971_520
const address = z
  .string()
  .regex(/^(https?:\/\/|data:)/)
  .max(longestImageUrl)
const named = z.union([
  z.strictObject({ image_url: address }),
  z.strictObject({ file_id: z.string().min(1) }),
])
/** vLLM-Omni's form field, which is JSON in a string; `file_id` is not implemented there. */
const quoted = z.union([z.strictObject({ image_url: address }), z.strictObject({ video_url: address })])
/** TensorRT-LLM has a field for the meaning of `content`. */
const typed = z.strictObject({
  content: z.string().min(1),
  format: z.enum(['url', 'base64', 'path']),
  role: z.string().optional(),
})

/**
 * A file part, or what this profile accepts instead (docs/vendors/openai-videos.md#request-encodings,
 * docs/vendors/openai-videos.md#error-catalogue).
 */
export async function readReference(
  form: Form,
  size: string,
  isStrict: boolean,
  { references }: OpenaiProfile,
): Promise<Verdict<Reference | null>> {
  for (const param of references.fields) {
    const file = form.files.get(param)
    if (file !== undefined) return readFile(file, param, isStrict ? size : null)
    const value = form.fields[param]
    const isUpload = references.uploads === true && param === 'input_reference'
    if (value !== undefined && isUpload && form.encoding === 'multipart') return noUpload(param)
    if (value !== undefined) return readNamed(value, param, references.named)
  }
  return accepted(null)
}

/** FastAPI reads the parts of a form itself, and expected a file. */
function noUpload(param: string): Verdict<Reference> {
  const message = "Value error, Expected UploadFile, received: <class 'str'>"
  return invalidRequest(message, { status: 422, code: 'value_error', param })
}

function readNamed(
  value: unknown,
  param: string,
  form: OpenaiProfile['references']['named'],
): Verdict<Reference> {
  if (form === 'address' && address.safeParse(value).success)
    return accepted({ kind: 'image_url', bytes: null })
  if (form === 'quoted' && quoted.safeParse(parsed(value)).success)
    return accepted({ kind: 'image_url', bytes: null })
  if (form === 'typed' && typed.safeParse(value).success) return accepted({ kind: 'image_url', bytes: null })
  if (typeof value === 'string')
    return invalidRequest(`Invalid type for '${param}': expected a file, but got a string instead.`, {
      code: 'invalid_type',
      param,
    })
  const reference = form === 'object' ? named.safeParse(value) : null
  if (reference?.success === true)
    return accepted({ kind: 'image_url' in reference.data ? 'image_url' : 'file_id', bytes: null })
  return invalidRequest(`Invalid '${param}': expected exactly one of image_url and file_id.`, {
    code: 'invalid_value',
    param,
  })
}

function parsed(value: unknown): unknown {
  try {
    return typeof value === 'string' ? JSON.parse(value) : value
  } catch {
    return value
  }
}

async function readFile(file: UploadedFile, param: string, size: string | null): Promise<Verdict<Reference>> {
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
