import { Readable } from 'node:stream'

/** A file to send. Its length is known; its bytes are read on demand. */
export interface FileSource {
  fileName: string
  contentType: string
  bytes: number
  open(): AsyncIterable<Uint8Array>
}

/** Bytes in memory, or a file: as is, or in base64. */
export type Piece = Buffer | { file: FileSource; as: 'bytes' | 'base64' }

export interface StreamedBody {
  /** The length of the whole body, for Content-Length. */
  bytes: number
  stream: Readable
  /** Closes files that were not read to the end. */
  close: () => void
}

/**
 * One streamed body from several pieces, holding one chunk of each file at most. The first bytes of every file are read
 * before this resolves, so that a missing file rejects here, before anything was sent, and not in the middle of a
 * request.
 */
export async function fileBody(pieces: readonly Piece[]): Promise<StreamedBody> {
  const files = new Map<Piece, OpenFile>()
  const closeFiles = () => {
    for (const { iterator } of files.values())
      void Promise.resolve(iterator.return?.()).catch(() => undefined)
  }
  try {
    for (const piece of pieces) if (!Buffer.isBuffer(piece)) files.set(piece, await openFile(piece.file))
  } catch (error) {
    closeFiles()
    throw error
  }

  async function* body(): AsyncGenerator<Uint8Array> {
    for (const piece of pieces) {
      if (Buffer.isBuffer(piece)) yield piece
      else {
        const chunks = files.get(piece)?.chunks() ?? none()
        yield* piece.as === 'bytes' ? chunks : inBase64(chunks)
      }
    }
  }

  const stream = Readable.from(body(), { objectMode: false })
  // The reader also gets the error. Without this listener, an error between reads would be an uncaught exception.
  stream.on('error', () => undefined)
  const close = () => {
    stream.destroy()
    closeFiles()
  }
  return { bytes: pieces.reduce((sum, piece) => sum + lengthOf(piece), 0), stream, close }
}

function lengthOf(piece: Piece): number {
  if (Buffer.isBuffer(piece)) return piece.length
  return piece.as === 'bytes' ? piece.file.bytes : 4 * Math.ceil(piece.file.bytes / 3)
}

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

async function* none(): AsyncGenerator<Uint8Array> {}

/** Three bytes make four characters; the remainder of a chunk is encoded with the next one. */
async function* inBase64(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left: Uint8Array = new Uint8Array()
  for await (const chunk of chunks) {
    const whole = left.length === 0 ? Buffer.from(chunk) : Buffer.concat([left, chunk])
    const end = whole.length - (whole.length % 3)
    left = whole.subarray(end)
    if (end > 0) yield Buffer.from(whole.toString('base64', 0, end), 'latin1')
  }
  if (left.length > 0) yield Buffer.from(Buffer.from(left).toString('base64'), 'latin1')
}
