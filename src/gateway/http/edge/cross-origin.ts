import cors from '@fastify/cors'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** What a page of another origin may read of an answer beside what it always may. */
const exposedHeaders = [
  'Content-Disposition',
  'Content-Range',
  'ETag',
  'Idempotent-Replayed',
  'Location',
  'OpenAI-Poll-After-Ms',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'WWW-Authenticate',
  'X-Request-Id',
]

/** How long a browser may keep the answer to a preflight request, in seconds. */
const maxAge = 600

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  )
}

/**
 * Lets pages of these origins (`https://host[:port]`; `*` for all) call the API and read its answers (CORS). Such pages show an API key: cookies are not admitted, so a session of the console is no use to them. Register it
 * before the access checks, since a preflight request has no key.
 */
export async function allowOrigins(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return
  await app.register(cors, {
    delegator: (request, done) =>
      done(null, {
        origin: origins.includes('*') ? '*' : [...origins],
        methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
        exposedHeaders,
        maxAge,
        preflight: isPreflight(request),
      }),
  })
}
