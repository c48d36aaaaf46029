import type { FastifyInstance } from 'fastify'

/** A response that was sent, or a connection that ended before it. `route`: the pattern of its path; null if there is none. */
export interface AnsweredRequest {
  route: string | null
  method: string
  status: number
  ms: number
}

/** Tells of each request when it is over. */
export function timeRequests(app: FastifyInstance, onAnswered: (answered: AnsweredRequest) => void): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { method, is404 } = request
    const route = is404 ? null : (request.routeOptions.url ?? null)
    onAnswered({ route, method, status: reply.statusCode, ms: reply.elapsedTime })
    done()
  })
}
