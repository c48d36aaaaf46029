import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import type { FastifyReply } from 'fastify'
import type { FaultOf } from './fault.ts'

type Style = FaultOf<'odd_wrapping'>['style']

/** An echoed picture, larger than what clients keep of a response. */
const echoBytes = 3 * 1024 * 1024

const encodings: Partial<Record<Style, { name: string | null; encode: (text: string) => Buffer }>> = {
  gzip: { name: 'gzip', encode: (text) => gzipSync(text) },
  br: { name: 'br', encode: (text) => brotliCompressSync(text) },
  deflate: { name: 'deflate', encode: (text) => deflateSync(text) },
  unlabelled_gzip: { name: null, encode: (text) => gzipSync(text) },
}

/** Wraps the right response like some relays and CDNs do. JSON only; anything else stays as it is. */
export function wrapped(style: Style, payload: unknown, reply: FastifyReply): unknown {
  if (typeof payload !== 'string' || !payload.startsWith('{')) return payload
  const encoding = encodings[style]
  if (encoding !== undefined) {
    if (encoding.name !== null) void reply.header('content-encoding', encoding.name)
    return sized(reply, encoding.encode(payload))
  }
  if (style === 'bom') return sized(reply, Buffer.from(`\ufeff${payload}`))
  if (style === 'envelope')
    return sized(reply, Buffer.from(`{"code":"success","message":"","data":${payload}}`))
  const echo = JSON.stringify('A'.repeat(echoBytes))
  return sized(reply, Buffer.from(`{"echo":{"image":${echo}},${payload.slice(1)}`))
}

function sized(reply: FastifyReply, bytes: Buffer): Buffer {
  void reply.header('content-length', bytes.length)
  return bytes
}
