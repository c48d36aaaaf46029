import type { FastifyReply, FastifyRequest } from 'fastify'
import { matchesEtag } from './range.ts'

/**
 * Whether a caller can be sent elsewhere for a file. Clients leave out `Authorization` when they follow to another origin, and no
 * other header that has a key; browsers with a session are kept from loading media of other origins.
 */
export function mayBeRedirected({ method, headers }: FastifyRequest, etag: string): boolean {
  const hasKey = headers.authorization !== undefined && headers['api-key'] === undefined
  return method === 'GET' && hasKey && !matchesEtag(headers['if-none-match'], etag)
}

/** The link is a secret, and is over soon: nobody may keep it. */
export function redirectToStorage(link: string, reply: FastifyReply): FastifyReply {
  return reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }).redirect(link, 302)
}
