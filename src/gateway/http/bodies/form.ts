import type { FastifyRequest } from 'fastify'
import type { MultipartFile, MultipartValue } from '@fastify/multipart'
import type { StoredMedia } from '../../services/media/media-intake.ts'
import { Problem } from '../../domain/problem.ts'
import { mostTextBytes } from '../edge/body-budget.ts'
import { faultOfJson } from './json-faults.ts'
import { toProblem } from '../answers/problems.ts'
import type { Uploads } from './uploads.ts'
import { readUrlPart } from './url-part.ts'
import type { UrlPart } from './url-part.ts'
import { pointerTo, validationFailed } from '../requests/validation.ts'
import type { MediaKind } from '../../domain/media-kind.ts'

/** What file systems take, without the characters that steer terminals and the direction of writing. */
const usableName = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\ufffd]+$/u
const longestName = 255

export interface OtherFile {
  accept: ReadonlyArray<MediaKind>
  /** Bytes of one file. */
  mostBytes: number
  /** How many parts may have this name; their filenames differ. */
  count: number
}

export interface FormFile {
  fileName: string
  stored: StoredMedia
}

/** How to read one kind of form: its only file part, and which text parts are JSON or numbers. */
export interface FormPlan {
  file: string
  accept: ReadonlyArray<MediaKind>
  json: ReadonlyArray<string>
  numbers: ReadonlyArray<string>
  /** Text parts that are `true` or `false`. */
  booleans?: ReadonlyArray<string>
  /** File parts beside `file`, by name. */
  others?: ReadonlyMap<string, OtherFile>
  /** Text parts that may be data URLs, by name. The file part may be among them: it is a URL where it has no filename. */
  urls?: ReadonlyMap<string, UrlPart>
  /** Text parts that may repeat; they become lists. */
  lists?: ReadonlyArray<string>
}

/** The text parts by name, as JSON would have carried them; not validated beyond that. */
export interface Form {
  fields: Record<string, unknown>
  file: FormFile | null
  /** Those of `others`, by the name of their part, in the order in which they came. */
  others: ReadonlyMap<string, readonly FormFile[]>
  /** Those of data URLs, by the pointer of their members. */
  files: ReadonlyMap<string, StoredMedia>
}

/** Which parts arrive as files do, for the options of the parser: those that its own rule says, and URLs. */
export function isFilePart(urls: ReadonlySet<string>) {
  return (name?: string, contentType?: string, fileName?: string): boolean =>
    fileName !== undefined || contentType === octets || (name !== undefined && urls.has(name))
}

const octets = 'application/octet-stream'

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
    throw new Problem('malformed_body', 'The multipart body could not be parsed.', { cause: error })
  }
}

function valueOf({ fieldname, value, valueTruncated }: MultipartValue, plan: FormPlan): unknown {
  if (valueTruncated) throw fault(fieldname, 'is too long')
  // A part that says `content-type: application/json` arrives parsed.
  if (typeof value !== 'string') return value
  // The replacement character that the parser uses for invalid bytes.
  if (value.includes('\ufffd')) throw fault(fieldname, 'is not UTF-8')
  if (plan.numbers.includes(fieldname)) {
    return value.trim() === '' || Number.isNaN(Number(value)) ? value : Number(value)
  }
  if (plan.booleans?.includes(fieldname) === true && /^(?:true|false)$/.test(value)) return value === 'true'
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
  const files = new Map<string, StoredMedia>()
  const others = new Map<string, FormFile[]>()
  let file: Form['file'] = null
  let textBytes = 0

  function note(name: string, value: unknown): void {
    // Empty fields of a form count as omitted.
    if (value === '') return
    if (plan.lists?.includes(name) === true) fields.set(name, [fields.get(name) ?? [], value].flat())
    else if (fields.has(name)) throw fault(name, 'is given more than once')
    else fields.set(name, value)
  }

  for await (const part of partsOf(request)) {
    const name = part.fieldname
    // The types say it is always there; a part without one has none.
    if (typeof name !== 'string')
      throw new Problem('malformed_body', 'A part of the form has no name. Give every part a name.')
    const url = isUrl(part) ? plan.urls?.get(name) : undefined
    if (part.type === 'field') {
      textBytes += typeof part.value === 'string' ? Buffer.byteLength(part.value) : 0
      if (textBytes > mostTextBytes)
        throw new Problem('payload_too_large', 'The text fields of the form are too long.')
      if (part.value !== '' && (name === plan.file || plan.others?.has(name) === true))
        throw fault(name, 'must be a file: give the part a filename')
      note(name, valueOf(part, plan))
    } else if (url !== undefined) {
      if (fields.has(name)) throw fault(name, 'is given more than once')
      const { text, stored } = await readUrlPart(part, url, uploads)
      note(name, text)
      if (stored !== null) files.set(url.pointer, stored)
    } else {
      const before = others.get(name) ?? []
      const other = plan.others?.get(name)
      if (other !== undefined) others.set(name, [...before, await readOther(part, other, before, uploads)])
      else if (file !== null && name === plan.file) throw fault(name, 'is given more than once')
      else file = await readFile(part, plan, uploads)
    }
  }
  return { fields: Object.fromEntries(fields), file, files, others }
}

/** A file has a name, or says that it is bytes. */
function isUrl(part: MultipartFile | MultipartValue): boolean {
  // The types say that a name is always there.
  const filename: unknown = part.type === 'file' ? part.filename : ''
  return filename === undefined && part.mimetype !== octets
}

async function readFile(part: MultipartFile, plan: FormPlan, uploads: Uploads): Promise<FormFile> {
  const name = part.fieldname
  if (name !== plan.file) throw fault(name, 'must be text, not a file')
  const fileName = fileNameOf(part)
  return { fileName, stored: await uploads.store(part, plan.accept, pointerTo('', [name])) }
}

async function readOther(
  part: MultipartFile,
  { accept, mostBytes, count }: OtherFile,
  before: readonly FormFile[],
  uploads: Uploads,
): Promise<FormFile> {
  const name = part.fieldname
  const fileName = fileNameOf(part)
  if (before.length >= count)
    throw fault(name, count === 1 ? 'is given more than once' : `is given more than ${count} times`)
  if (before.some((each) => each.fileName === fileName))
    throw fault(name, 'has two files of one name; give each a filename of its own')
  return { fileName, stored: await uploads.store(part, accept, pointerTo('', [name]), mostBytes) }
}

function fileNameOf({ fieldname: name, filename }: MultipartFile): string {
  if (!filename) throw fault(name, 'must be a file: give the part a filename')
  if (!usableName.test(filename)) throw fault(name, 'has a filename that is not valid text')
  // SDKs name a file that they fetched from a data URL by that URL.
  return filename.slice(0, longestName)
}
