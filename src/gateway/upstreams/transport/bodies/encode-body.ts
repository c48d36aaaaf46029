import type { Readable } from 'node:stream'
import type { ApiCall } from '../api-call.ts'
import { jsonPieces } from './embedded-files.ts'
import { jsonText } from './json-text.ts'
import { fileBody } from './file-body.ts'
import { encodeMultipart } from './multipart.ts'

export interface EncodedBody {
  content: Buffer | Readable | null
  headers: Record<string, string>
  close: () => void
}

/** A body as it is sent. Rejects if a file cannot be read. */
export async function encodeBody(body: ApiCall['body']): Promise<EncodedBody> {
  if (body === null) return { content: null, headers: {}, close: () => undefined }
  if (body.type === 'json') {
    const { value, files = [], integers } = body
    const type = { 'content-type': 'application/json' }
    if (files.length === 0)
      return { content: Buffer.from(jsonText(value, integers)), headers: type, close: () => undefined }
    const { bytes, stream, close } = await fileBody(jsonPieces(value, files, integers))
    return { content: stream, headers: { ...type, 'content-length': String(bytes) }, close }
  }
  if (body.type === 'file') {
    const { bytes, stream, close } = await fileBody([{ file: body.file, as: 'bytes' }])
    const type = body.file.contentType.replaceAll(/[\r\n]/g, '')
    return { content: stream, headers: { 'content-type': type, 'content-length': String(bytes) }, close }
  }
  const { contentType, bytes, stream, close } = await encodeMultipart(body.parts)
  const headers = { 'content-type': contentType, 'content-length': String(bytes) }
  return { content: stream, headers, close }
}
