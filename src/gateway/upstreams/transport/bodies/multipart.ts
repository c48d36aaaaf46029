import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'

/** A file to send: its length is known, its bytes come when they are asked for. */
interface FileSource {
  fileName: string
  contentType: string
  bytes: number
  open(): AsyncIterable<Uint8Array>
}

export type Part = { name: string; value: string } | { name: string; file: FileSource }

export interface MultipartBody {
  contentType: string
  /** Of the whole body, for Content-Length. */
  bytes: number
  stream: Readable
  /** Lets go of files that were not read to the end. */
  close: () => void
}

/**
 * multipart/form-data (RFC 7578), streamed. File parts always carry a filename and a type: a part without a filename is
 * read as a text field and refused (docs/vendors/openai-videos.md#request-encodings). The first bytes of every file are read
 * before this resolves, so that a missing file rejects here, when nothing has been sent, and not halfway through a request.
 */
export async function encodeMultipart(parts: Part[]): Promise<MultipartBody> {
  const boundary = `understudy-${randomUUID()}`
  const heads = parts.map((part) => Buffer.from(`--${boundary}\r\n${headOf(part)}\r\n\r\n`))
  const tail = Buffer.from(`--${boundary}--\r\n`)
  const files = new Map<Part, OpenFile>()
  const closeFiles = () => {
    for (const { iterator } of files.values())
      void Promise.resolve(iterator.return?.()).catch(() => undefined)
  }
  try {
    for (const part of parts) if ('file' in part) files.set(part, await openFile(part.file))
  } catch (error) {
    closeFiles()
    throw error
  }

  async function* body(): AsyncGenerator<Uint8Array> {
    for (const [index, part] of parts.entries()) {
      yield heads[index] ?? Buffer.alloc(0)
      const file = files.get(part)
      if (file !== undefined) yield* file.chunks()
      else if ('value' in part) yield Buffer.from(part.value)
      yield lineEnd
    }
    yield tail
  }

  let bytes = tail.length
  for (const [index, part] of parts.entries()) {
    const content = 'file' in part ? part.file.bytes : Buffer.byteLength(part.value)
    bytes += (heads[index]?.length ?? 0) + content + lineEnd.length
  }
  const stream = Readable.from(body(), { objectMode: false })
  // Whoever reads it hears of it too; between readers it would be an uncaught exception.
  stream.on('error', () => undefined)
  const close = () => {
    stream.destroy()
    closeFiles()
  }
  return { contentType: `multipart/form-data; boundary=${boundary}`, bytes, stream, close }
}

const lineEnd = Buffer.from('\r\n')

interface OpenFile {
  iterator: AsyncIterator<Uint8Array>
  chunks(): AsyncGenerator<Uint8Array>
}

async function openFile(file: FileSource): Promise<OpenFile> {
  const iterator = file.open()[Symbol.asyncIterator]()
  const first = await iterator.next()
  return {
    iterator,
    async *chunks() {
      for (let next = first; next.done !== true; next = await iterator.next()) yield next.value
    },
  }
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
