import type { FastifyReply, FastifyRequest } from 'fastify'
import { matchesEtag } from './range.ts'
import { mediaCacheControl } from '../schemas/generations/media.ts'

/** Answers GET for a picture that was made here: 200 or 304. `etag` is not quoted. */
export function sendPicture(
  picture: { contentType: string; bytes: Uint8Array; etag: string },
  request: FastifyRequest,
  reply: FastifyReply,
  cacheControl = mediaCacheControl,
): FastifyReply {
  const etag = `"${picture.etag}"`
  reply.headers({ etag, 'cache-control': cacheControl, 'x-content-type-options': 'nosniff' })
  if (matchesEtag(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.type(picture.contentType).send(picture.bytes)
}
