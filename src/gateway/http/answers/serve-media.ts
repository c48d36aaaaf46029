import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../domain/problem.ts'
import type { OpenMedia } from '../../services/generations/generations.ts'
import { matchesEtag, readRange } from './range.ts'
import { readableOf } from './readable-of.ts'

export interface MediaFace {
  /** Quoted; null for a file whose digest is not known here. */
  etag: string | null
  cacheControl: string
  fileName: string | null
}

/** `If-Range` keeps the range only for the very same file; a date or another tag means: send everything. */
function rangeHolds(request: FastifyRequest, etag: string | null): boolean {
  const condition = request.headers['if-range']
  return condition === undefined || (etag !== null && condition === etag)
}

/** Answers GET and HEAD for an archived file: 200, 206, 304 or 416. Nothing is opened unless bytes will be sent. */
export function serveMedia(
  media: OpenMedia,
  face: MediaFace,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { etag, cacheControl, fileName } = face
  reply.headers({ 'accept-ranges': 'bytes', 'x-content-type-options': 'nosniff' })
  if (etag !== null && matchesEtag(request.headers['if-none-match'], etag)) {
    return reply.code(304).headers({ etag, 'cache-control': cacheControl }).send()
  }
  // Only GET knows ranges (RFC 9110 §14.2).
  const ranged = request.method === 'GET' && rangeHolds(request, etag)
  const asked = ranged ? readRange(request.headers.range, media.bytes) : undefined
  if (asked?.type === 'unsatisfiable') {
    reply.header('content-range', `bytes */${media.bytes}`)
    throw new Problem(
      'range_not_satisfiable',
      `The requested range is outside the file, which has ${media.bytes} bytes.`,
    )
  }
  const range = asked?.type === 'part' ? asked.range : null
  reply.headers({
    'content-type': media.contentType,
    'content-length': range === null ? media.bytes : range.end - range.start + 1,
    'cache-control': cacheControl,
    ...(etag !== null && { etag }),
    ...(fileName !== null && { 'content-disposition': `inline; filename="${fileName}"` }),
  })
  if (range !== null) {
    reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${media.bytes}`)
  }
  return request.method === 'HEAD' ? reply.send(null) : reply.send(readableOf(media.read(range)))
}
