import { hash } from 'node:crypto'
import { fastify } from 'fastify'
import type { FastifyInstance } from 'fastify'

/** What Fastify costs by itself: no key, no store, no log, and the same bytes each time. */
export function buildBytesServer(text: string): FastifyInstance {
  const app = fastify({ logger: false })
  const etag = `"${hash('sha256', text, 'base64url')}"`
  app.get('/generations/:id', async (request, reply) => {
    reply.header('etag', etag)
    if (request.headers['if-none-match'] === etag) return reply.code(304).send()
    return reply.type('application/json; charset=utf-8').send(text)
  })
  return app
}
