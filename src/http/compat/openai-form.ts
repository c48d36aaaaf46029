import type { FastifyRequest } from 'fastify'
import { readForm } from '../form.ts'
import type { Form } from '../form.ts'
import type { Uploads } from '../uploads.ts'

/** A body as JSON would have carried it, and the file that came with a form. */
export interface OpenaiBody {
  fields: unknown
  file: Form['file']
}

/**
 * Reads JSON or multipart with bracket names (docs/vendors/openai-videos.md#request-encodings). `file` is the one part that
 * may be a file.
 */
export async function readOpenaiBody(
  request: FastifyRequest,
  file: { name: string; accept: ReadonlyArray<'video' | 'image'> },
  uploads: Uploads,
): Promise<OpenaiBody> {
  if (!request.isMultipart()) return { fields: request.body, file: null }
  const plan = {
    file: file.name,
    accept: file.accept,
    json: [],
    numbers: [],
    namedFile: file.name === 'input_reference',
    lists: ['characters[][id]'],
  }
  const form = await readForm(request, plan, uploads)
  return { fields: asJson(unflatten(form.fields), file.name), file: form.file }
}

/** A URL as the text of the file's part means the same as in its nested member; forms of Python write 8 seconds as `8.0`. */
function asJson(fields: Record<string, unknown>, file: string): Record<string, unknown> {
  const { [file]: url, seconds } = fields
  return {
    ...fields,
    ...(typeof seconds === 'string' && { seconds: seconds.replace(/\.0+$/, '') }),
    ...(typeof url === 'string' && { [file]: { image_url: url } }),
  }
}

/** `a[b]` becomes `{a: {b}}` and the list under `a[][b]` becomes `{a: [{b}, …]}`, one level deep: the protocol has no more. */
export function unflatten(flat: Record<string, unknown>): Record<string, unknown> {
  const nested = new Map<string, unknown>()
  for (const [name, value] of Object.entries(flat)) {
    const [, owner = name, list, key] = /^(\w+)(\[\])?\[(\w+)\]$/.exec(name) ?? []
    if (key === undefined) nested.set(name, value)
    else if (list === undefined) nested.set(owner, { ...asObject(nested.get(owner)), [key]: value })
    else
      nested.set(
        owner,
        [value].flat().map((each) => ({ [key]: each })),
      )
  }
  return Object.fromEntries(nested)
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}
