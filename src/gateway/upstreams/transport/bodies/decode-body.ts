import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib'
import { PassThrough } from 'node:stream'
import type { Duplex } from 'node:stream'

/** What is left of a stream that ends early is given out: the length of a body is for HTTP to tell. */
const zlibOptions = { finishFlush: constants.Z_SYNC_FLUSH }
const brotliOptions = { finishFlush: constants.BROTLI_OPERATION_FLUSH }

/**
 * The stream that undoes what a body came in. It was asked for plain; some servers and proxies compress all the same, with a
 * label or without. The first bytes decide over the label where they can: a label is also left behind by proxies that have
 * undone the compression.
 */
export function decoderFor(encoding: string | undefined, head: Uint8Array): Duplex {
  const [first = 0, second = 0, third = 0, fourth = 0] = head
  if (first === 0x1f && second === 0x8b) return createGunzip(zlibOptions)
  if (first === 0x28 && second === 0xb5 && third === 0x2f && fourth === 0xfd) return createZstdDecompress()
  const label = encoding?.split(',').at(-1)?.trim().toLowerCase()
  if (label === 'deflate' && (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0)
    return createInflate(zlibOptions)
  const isPlain = head.length === 0 || /^[\s\xef]*[{["<]/.test(Buffer.from(head).toString('latin1'))
  if (isPlain) return new PassThrough()
  if (label === 'deflate') return createInflateRaw(zlibOptions)
  return label === 'br' ? createBrotliDecompress(brotliOptions) : new PassThrough()
}

/** Bytes that are enough to tell. */
export const headBytes = 4
