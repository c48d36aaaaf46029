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

/** Data of a stream that ends early is still returned: HTTP checks the length of a body. */
const zlibOptions = { finishFlush: constants.Z_SYNC_FLUSH }
const brotliOptions = { finishFlush: constants.BROTLI_OPERATION_FLUSH }

/**
 * The stream that decompresses a body. Uncompressed responses are requested, but some servers and proxies compress
 * anyway, with or without a `content-encoding`. The first bytes take precedence over the header if they are clear,
 * because some proxies decompress and leave the header.
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

/** Enough bytes to detect the compression. */
export const headBytes = 4
