import type { FastifyReply, FastifyRequest } from 'fastify'

const MAX_DISCARDED_BYTES = 64 * 1024 * 1024

/**
 * Reads and throws away what is left of a request body that is being refused. Closing at once (Fastify's way) resets the
 * connection under a caller who is still sending, and most clients then report a broken pipe instead of the answer.
 * Past 64 MiB the connection is cut; the server's request timeout bounds the time.
 */
export function drainRequest(request: FastifyRequest, reply: FastifyReply): void {
  const raw = request.raw
  // While closing, Fastify sets `connection: close` on the raw response; that one stays.
  if (!reply.raw.hasHeader('connection')) reply.removeHeader('connection')
  const hasBody =
    raw.headers['content-length'] !== undefined || raw.headers['transfer-encoding'] !== undefined
  if (raw.complete || !hasBody) return
  let left = MAX_DISCARDED_BYTES
  raw.unpipe()
  raw.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) raw.destroy()
  })
  raw.resume()
}
