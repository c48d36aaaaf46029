import { Readable } from 'node:stream'

/** A file's bytes as what Node sends; a stream stays the same one. */
export function readableOf(body: AsyncIterable<Uint8Array>): Readable {
  return body instanceof Readable ? body : Readable.from(body, { objectMode: false })
}
