import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Keeps the bytes of JSON bodies in this scope, which a signature is made over. */
export function keepRawJson(app: FastifyInstance): (request: FastifyRequest) => Buffer {
  const raw = new WeakMap<FastifyRequest, Buffer>()
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = Buffer.from(body)
    raw.set(request, bytes)
    try {
      done(null, JSON.parse(bytes.toString()))
    } catch (error) {
      done(Object.assign(new Error('The body is no JSON.', { cause: error }), { statusCode: 400 }))
    }
  })
  return (request) => raw.get(request) ?? Buffer.alloc(0)
}
