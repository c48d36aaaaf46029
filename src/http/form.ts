import type { FastifyRequest } from 'fastify'
import type { MultipartFile, MultipartValue } from '@fastify/multipart'
import type { StoredMedia } from '../services/media-intake.ts'
import { Problem } from '../domain/problem.ts'
import { mostFormTextBytes } from './body-budget.ts'
import { faultOfJson } from './json-faults.ts'
import { toProblem } from './problems.ts'
import type { Uploads } from './uploads.ts'
import { pointerTo, validationFailed } from './validation.ts'

/** What file systems take, without the characters that steer terminals and the direction of writing. */
const usableName = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\ufffd]+$/u
const longestName = 255

/** How to read one kind of form: its only file part, and which text parts are JSON or numbers. */
export interface FormPlan {
  file: string
  accept: ReadonlyArray<'video' | 'image'>
  json: ReadonlyArray<string>
  numbers: ReadonlyArray<string>
  /** Whether the file part may be text instead: the file's URL. */
  namedFile?: boolean
  /** Text parts that may repeat; they become lists. */
  lists?: ReadonlyArray<string>
}

/** The text parts by name, as JSON would have carried them; not validated beyond that. */
export interface Form {
  fields: Record<string, unknown>
  file: { fileName: string; stored: StoredMedia } | null
}

function fault(field: string, detail: string): Problem {
  return validationFailed([{ pointer: pointerTo('', [field]), detail }])
}

/** The parts in the order in which they arrive. The parser's own complaints are plain errors: they become problems here. */
async function* partsOf(request: FastifyRequest): AsyncGenerator<MultipartFile | MultipartValue> {
  try {
    yield* request.parts()
  } catch (error) {
    const problem = toProblem(error)
    if (problem.code !== 'internal') throw problem
    throw new Problem('malformed_body', 'The multipart body cannot be read.', { cause: error })
  }
}

function valueOf({ fieldname, value, valueTruncated }: MultipartValue, plan: FormPlan): unknown {
  if (valueTruncated) throw fault(fieldname, 'is too long')
  // A part that says `content-type: application/json` arrives parsed.
  if (typeof value !== 'string') return value
  // What the parser puts in the place of bytes that are no text.
  if (value.includes('\ufffd')) throw fault(fieldname, 'is not UTF-8')
  if (plan.numbers.includes(fieldname)) {
    return value.trim() === '' || Number.isNaN(Number(value)) ? value : Number(value)
  }
  if (!plan.json.includes(fieldname)) return value
  const hidden = faultOfJson(value)
  if (hidden !== null) throw fault(fieldname, hidden.faults[0]?.detail ?? hidden.message)
  try {
    return JSON.parse(value)
  } catch {
    throw fault(fieldname, 'must be JSON text')
  }
}

/**
 * Reads a multipart body in one pass: the file goes to the archive while it arrives, so parts may come in any order and
 * nothing is held in memory. Throws `validation_failed` for a file without a usable filename, a second file or a repeated part.
 */
export async function readForm(request: FastifyRequest, plan: FormPlan, uploads: Uploads): Promise<Form> {
  const fields = new Map<string, unknown>()
  let file: Form['file'] = null
  let textBytes = 0
  for await (const part of partsOf(request)) {
    const name = part.fieldname
    // The types say it is always there; a part without one has none.
    if (typeof name !== 'string') throw new Problem('malformed_body', 'A part of the form has no name.')
    if (part.type === 'field') {
      textBytes += typeof part.value === 'string' ? Buffer.byteLength(part.value) : 0
      if (textBytes > mostFormTextBytes)
        throw new Problem('payload_too_large', 'The text of the form is too long.')
      // What a form leaves empty was not said.
      if (part.value === '') continue
      if (name === plan.file && plan.namedFile !== true)
        throw fault(name, 'is a file, and its part needs a filename')
      const value = valueOf(part, plan)
      if (plan.lists?.includes(name) === true) fields.set(name, [fields.get(name) ?? [], value].flat())
      else if (fields.has(name)) throw fault(name, 'is given more than once')
      else fields.set(name, value)
      continue
    }
    if (name !== plan.file) throw fault(name, 'is not a file here')
    if (!part.filename) {
      throw fault(name, 'is a file, and its part needs a filename')
    }
    if (!usableName.test(part.filename)) throw fault(name, 'has a filename that is not text')
    if (file !== null) throw fault(name, 'is given more than once')
    const stored = await uploads.store(part, plan.accept, pointerTo('', [name]))
    // SDKs name a file that they fetched from a data URL by that URL.
    file = { fileName: part.filename.slice(0, longestName), stored }
  }
  return { fields: Object.fromEntries(fields), file }
}
