import type { FastifyRequest } from 'fastify'
import { readForm } from '../../bodies/form.ts'
import type { Form } from '../../bodies/form.ts'
import { readStreamedJson } from '../../bodies/streamed-json.ts'
import { storeDataUrls } from '../../bodies/parsed-data-urls.ts'
import { inputDataUrls } from './inputs.ts'
import type { DataUrlPlan, Uploads } from '../../bodies/uploads.ts'
import type { MediaKind } from '../../../domain/media-kind.ts'

/** A body as JSON would have carried it, the file that came with a form, and those of data URLs. */
export type OpenaiBody = Pick<Form, 'file' | 'files'> & { fields: unknown }

const picture = { pointer: '/input_reference/image_url', accept: ['image'] as const }

/** Parts of forms that may be data URLs. */
export const urlParts = new Map([
  ['input_reference', picture],
  ['input_reference[image_url]', picture],
])

const dataUrls: DataUrlPlan = new Map([[picture.pointer, picture.accept], ...inputDataUrls])

/**
 * Reads JSON or multipart with bracket names (docs/vendors/openai-videos.md#request-encodings). `file` is the one part that
 * may be a file.
 */
export async function readOpenaiBody(
  request: FastifyRequest,
  file: { name: string; accept: ReadonlyArray<MediaKind> },
  uploads: Uploads,
): Promise<OpenaiBody> {
  if (!request.isMultipart()) return { ...(await readStreamedJson(request, dataUrls, uploads)), file: null }
  const plan = {
    file: file.name,
    accept: file.accept,
    json: ['frame_images', 'input_references'],
    numbers: ['seed'],
    booleans: ['generate_audio'],
    urls: urlParts,
    lists: ['characters[][id]'],
  }
  const form = await readForm(request, plan, uploads)
  const fields = asJson(unflatten(form.fields), file.name)
  const files = await storeDataUrls(fields, inputDataUrls, uploads)
  return { ...form, fields, files: new Map([...form.files, ...files]) }
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
