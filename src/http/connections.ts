import type { FastifyInstance } from 'fastify'
import { Problem } from '../domain/problem.ts'

/** Above this part of the bound, connections are closed unanswered. */
const unansweredPart = 1.25

/**
 * Bounds the connections of all callers together: each holds a descriptor and buffers. Above the bound a call is answered
 * `overloaded` and its connection ends; far above it connections are not taken at all, so that answering costs no memory
 * without end either. Liveness still answers.
 */
export function boundConnections(app: FastifyInstance, most: number): void {
  let open = 0
  app.server.maxConnections = Math.ceil(most * unansweredPart)
  app.server.on('connection', (socket) => {
    open++
    socket.once('close', () => open--)
  })
  app.addHook('onRequest', (request, reply, done) => {
    if (open <= most || request.routeOptions.url === '/health/live') {
      done()
      return
    }
    reply.raw.setHeader('connection', 'close')
    done(new Problem('overloaded', 'The gateway has as many connections as it takes.'))
  })
}
