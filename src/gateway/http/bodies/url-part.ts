import type { Readable } from 'node:stream'
import { isUtf8 } from 'node:buffer'
import type { MultipartFile } from '@fastify/multipart'
import { Problem } from '../../domain/problem.ts'
import type { StoredMedia } from '../../services/media/media-intake.ts'
import { createBase64Text, dataUrlHead, digestOf, longestHead } from './base64-text.ts'
import type { Uploads } from './uploads.ts'
import { validationFailed } from '../requests/validation.ts'
import type { MediaKind } from '../../domain/media-kind.ts'

/** A part of a form that is the text of a URL; a data URL may be as long as a file, so it arrives as one does. */
export interface UrlPart {
  /** Of its member in the body that the form stands for. */
  pointer: string
  accept: ReadonlyArray<MediaKind>
}

/** More than a URL may have anywhere. */
const longestUrl = 8192

/** The text of the part; that of a data URL has the digest of its file in the place of the file, which is `stored`. */
export async function readUrlPart(
  { file }: MultipartFile,
  { pointer, accept }: UrlPart,
  uploads: Uploads,
): Promise<{ text: string; stored: StoredMedia | null }> {
  const { head, rest } = await readHead(file)
  if (head === null) return { text: await readText(rest, pointer), stored: null }
  const stored = await uploads.storeBytes(decoded(rest, pointer), accept, pointer)
  if (file.truncated) {
    const detail = 'is larger than the upload limit'
    throw new Problem('payload_too_large', `The file ${detail}.`, { faults: [{ pointer, detail }] })
  }
  return { text: head + digestOf(stored), stored }
}

/** Up to the comma of a data URL in base64; null, and everything in `rest`, where it is none. */
async function readHead(file: Readable): Promise<{ head: string | null; rest: AsyncIterable<Buffer> }> {
  const pieces: AsyncIterator<Buffer> = file.iterator({ destroyOnReturn: false })
  let begin = Buffer.alloc(0)
  for (let step = await pieces.next(); step.done !== true; step = await pieces.next()) {
    begin = Buffer.concat([begin, step.value])
    if (begin.length > longestHead || begin.includes(',')) break
  }
  const end = begin.indexOf(',') + 1
  const head = begin.toString('latin1', 0, end)
  const isDataUrl = dataUrlHead.test(head)
  return { head: isDataUrl ? head : null, rest: withRest(isDataUrl ? begin.subarray(end) : begin, pieces) }
}

async function* withRest(begin: Buffer, pieces: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield begin
  for (let step = await pieces.next(); step.done !== true; step = await pieces.next()) yield step.value
}

async function* decoded(pieces: AsyncIterable<Buffer>, pointer: string): AsyncGenerator<Uint8Array> {
  const base64 = createBase64Text(pointer)
  for await (const piece of pieces) yield base64.decode(piece.toString('latin1'))
  yield base64.end()
}

async function readText(pieces: AsyncIterable<Buffer>, pointer: string): Promise<string> {
  const all: Buffer[] = []
  let bytes = 0
  for await (const piece of pieces) {
    bytes += piece.length
    if (bytes > longestUrl) throw validationFailed([{ pointer, detail: 'is too long' }])
    all.push(piece)
  }
  const text = Buffer.concat(all)
  if (isUtf8(text)) return text.toString()
  throw validationFailed([{ pointer, detail: 'is not UTF-8' }])
}
