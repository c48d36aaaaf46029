import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { Problem } from '../../domain/problem.ts'
import type { ClientErrors } from './client-error.ts'

/**
 * Detects requests that Node's parser accepts but that two servers in a row may interpret differently (request smuggling).
 * Null for a regular request.
 */
function malformedReason({ httpVersion, headers, rawHeaders }: IncomingMessage): string | null {
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    return 'The HTTP version is not supported. Use HTTP/1.1 or HTTP/1.0.'
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.length === 4 && rawHeaders[at]?.toLowerCase() === 'host') hosts++
  }
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) return 'Send exactly one Host header.'
  const coding = headers['transfer-encoding']
  // A server of that version does not know it, so what is its body to one is the next request to another (RFC 9112 §6.1).
  if (coding !== undefined && httpVersion === '1.0') return 'Transfer-Encoding requires HTTP/1.1.'
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    return 'The only supported transfer coding is chunked.'
  return null
}

/**
 * Refuses requests that are not as plain as they should be, and ends their connections: what follows on them might not be a
 * request of its own (RFC 9112 §3.2, §6.1). Answers CONNECT, which Node would drop without a word, asks for
 * a body that waits for `100 Continue` only where the key opens the route, and treats expectations that nobody knows as if
 * they were not there (RFC 9110 §10.1.1 allows it).
 */
export function refuseMalformedRequests(app: FastifyInstance, { end }: ClientErrors): void {
  app.addHook('onRequest', (request, reply, done) => {
    const reason = malformedReason(request.raw)
    if (reason === null) {
      done()
      return
    }
    reply.raw.setHeader('connection', 'close')
    done(new Problem('malformed_request', reason))
  })
  app.server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    end(socket, new Problem('malformed_request', 'CONNECT is not supported: this server is not a proxy.'))
  })
  const waiting = new WeakSet<IncomingMessage>()
  app.server.on('checkContinue', (request, response) => {
    waiting.add(request)
    // Without a 100, the client may or may not send the body, so the next bytes on this connection are ambiguous.
    response.setHeader('connection', 'close')
    app.server.emit('request', request, response)
  })
  // By now nothing but the body itself can be the reason for a refusal.
  app.addHook('preParsing', (request, reply, payload, done) => {
    if (waiting.has(request.raw)) {
      reply.raw.removeHeader('connection')
      reply.raw.writeContinue()
    }
    done(null, payload)
  })
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
}
