import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  /** Begins its handling; absent while it has not come to that, and once it has begun. */
  begin?: () => void
}

interface Line {
  /** Requests without a whole answer, oldest first. */
  exchanges: Exchange[]
  isPaused: boolean
  onChange: (() => void) | undefined
}

export interface LineBounds {
  /** The number of pending requests per connection above which reading stops. */
  perConnection: number
  /** The maximum number of queued requests over all connections. A single read may contain two thousand. */
  waiting: number
}

export const defaultLineBounds: LineBounds = { perConnection: 8, waiting: 10_000 }

type LastRequest = 'broken' | 'whole' | 'answered early'

export interface ConnectionLines {
  /**
   * Calls `then` once the connection has no whole request without an answer, at once where it is so already. A last request
   * that never arrived in full does not count, unless its answer has begun.
   */
  whenAnswered(socket: Socket, then: (last: LastRequest) => void): void
}

/** How the last request of a connection stands; null while others are before it. */
function stateOf({ exchanges }: Line): LastRequest | null {
  const [first, second] = exchanges
  if (first === undefined) return 'whole'
  if (second !== undefined || first.request.complete) return null
  return first.response.headersSent ? 'answered early' : 'broken'
}

/**
 * Handles the requests of each connection one after another, as their answers have to leave (RFC 9112 §9.3.2 allows more for
 * safe methods only), and stops reading where too many wait. Without it everything that one read brings, two thousand
 * requests, opens its files and holds its answers at once, for a caller who may never read one of them.
 */
export function orderConnections(app: FastifyInstance, bounds: LineBounds): ConnectionLines {
  const lines = new WeakMap<Socket, Line>()
  const byRequest = new Map<IncomingMessage, Exchange>()
  let waiting = 0

  function leave(socket: Socket, line: Line, exchange: Exchange): void {
    byRequest.delete(exchange.request)
    const at = line.exchanges.indexOf(exchange)
    if (at === -1) return
    line.exchanges.splice(at, 1)
    if (line.exchanges.length > 0) waiting--
    const [next] = line.exchanges
    const begin = next?.begin
    if (next !== undefined) delete next.begin
    begin?.()
    if (line.isPaused && line.exchanges.length < bounds.perConnection) {
      line.isPaused = false
      socket.resume()
    }
    line.onChange?.()
  }

  app.server.on('connection', (socket) => {
    const line: Line = { exchanges: [], isPaused: false, onChange: undefined }
    lines.set(socket, line)
    // The connection may leave Node's handling, and its errors with it; nobody else would listen.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      waiting -= Math.max(0, line.exchanges.length - 1)
      for (const { request } of line.exchanges) byRequest.delete(request)
      line.exchanges = []
    })
  })

  app.server.prependListener('request', (request, response) => {
    const { socket } = request
    const line = lines.get(socket)
    if (line === undefined || socket.destroyed) return
    const exchange: Exchange = { request, response }
    line.exchanges.push(exchange)
    byRequest.set(request, exchange)
    response.on('close', () => leave(socket, line, exchange))
    if (line.exchanges.length === 1) return
    waiting++
    if (waiting > bounds.waiting) socket.destroy()
    else if (line.exchanges.length >= bounds.perConnection) {
      line.isPaused = true
      socket.pause()
    }
  })

  app.addHook('onRequest', (request, _reply, done) => {
    const line = lines.get(request.raw.socket)
    const exchange = byRequest.get(request.raw)
    // Without a line it was injected; without a place in the line its connection is gone, and nobody waits for it.
    if (line === undefined) done()
    else if (exchange === undefined) return
    else if (exchange === line.exchanges[0]) done()
    else exchange.begin = done
  })

  return {
    whenAnswered(socket, then) {
      const line = lines.get(socket)
      const look = (): void => {
        const state = line === undefined ? 'whole' : stateOf(line)
        if (state === null) return
        if (line !== undefined) line.onChange = undefined
        then(state)
      }
      if (line !== undefined) line.onChange = look
      look()
    },
  }
}
