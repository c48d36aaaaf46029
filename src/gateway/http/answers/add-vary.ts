import type { FastifyReply } from 'fastify'

/** Names one more request header that the answer depends on; those that are named already stay. */
export function addVary(reply: FastifyReply, header: string): void {
  const named = reply.getHeader('vary')
  reply.header('vary', typeof named === 'string' ? `${named}, ${header}` : header)
}
