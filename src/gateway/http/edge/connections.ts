import type { FastifyInstance } from 'fastify'
import { Problem } from '../../domain/problem.ts'
import type { OpenSlots } from './open-slots.ts'

export interface ConnectionBounds {
  /** Above this number of connections, requests receive `overloaded` and their connections are closed. */
  served: number
  /** Connections that are taken at all. */
  taken: number
}

/** Descriptors reserved for the database, media files, connections to vendors and receivers, and child processes. */
const reservedDescriptors = 512
const mostServed = 8192
/** Above this part of the bound, connections are closed unanswered. */
const unansweredPart = 1.25

/**
 * The limits for a process with this number of file descriptors. A connection may need two: itself and the file it
 * downloads. If there are few descriptors, half of them are reserved.
 */
export function connectionBounds(descriptors: number): ConnectionBounds {
  const free = Math.max(descriptors - reservedDescriptors, Math.floor(descriptors / 2))
  const served = Math.min(mostServed, Math.max(1, Math.floor(free / 2 / unansweredPart)))
  return { served, taken: Math.ceil(served * unansweredPart) }
}

/**
 * Bounds the connections of all callers together: each holds a descriptor and buffers. Liveness still answers above the
 * lower bound. A connection that could not be accepted is the caller's loss and not the process's end. An event stream downloads
 * no file, so it counts as half a connection.
 */
export function boundConnections(
  app: FastifyInstance,
  { served, taken }: ConnectionBounds,
  streams: Pick<OpenSlots, 'count'>,
): void {
  let open = 0
  const spared = (): number => Math.floor(streams.count() / 2)
  // Node asks at each connection.
  Object.defineProperty(app.server, 'maxConnections', { get: () => taken + spared() })
  app.server.on('connection', (socket) => {
    open++
    socket.on('close', () => open--)
  })
  app.server.on('error', (error) => app.log.warn({ err: error }, 'failed to accept a connection'))
  app.addHook('onRequest', (request, reply, done) => {
    if (open <= served + spared() || request.routeOptions.url === '/health/live') {
      done()
      return
    }
    reply.raw.setHeader('connection', 'close')
    done(new Problem('overloaded', 'The limit of open connections is reached. Try again later.'))
  })
}
