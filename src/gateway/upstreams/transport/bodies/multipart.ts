import { randomUUID } from 'node:crypto'
import { fileBody } from './file-body.ts'
import type { FileSource, Piece, StreamedBody } from './file-body.ts'

export type Part = { name: string; value: string } | { name: string; file: FileSource }

/**
 * Streams multipart/form-data (RFC 7578). File parts always have a filename and a type: servers read a part without a
 * filename as a text field and reject it (docs/vendors/openai-videos.md#request-encodings).
 */
export async function encodeMultipart(
  parts: readonly Part[],
): Promise<StreamedBody & { contentType: string }> {
  const boundary = `understudy-${randomUUID()}`
  const pieces = parts.flatMap((part): Piece[] => [
    Buffer.from(`--${boundary}\r\n${headOf(part)}\r\n\r\n`),
    'file' in part ? { file: part.file, as: 'bytes' } : Buffer.from(part.value),
    Buffer.from('\r\n'),
  ])
  const body = await fileBody([...pieces, Buffer.from(`--${boundary}--\r\n`)])
  return { ...body, contentType: `multipart/form-data; boundary=${boundary}` }
}

function headOf(part: Part): string {
  const field = `Content-Disposition: form-data; name="${escape(part.name)}"`
  if ('value' in part) return field
  const { fileName, contentType } = part.file
  return `${field}; filename="${escape(fileName)}"\r\nContent-Type: ${contentType.replaceAll(/[\r\n]/g, '')}`
}

/** As browsers do: https://html.spec.whatwg.org/#multipart-form-data */
function escape(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}
