import { STATUS_CODES } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Problem } from '../domain/problem.ts'
import type { ProblemCode } from '../domain/problem.ts'
import { problemDocument, problemKinds } from './problems.ts'
import { requestId } from './request-id.ts'

const details: Partial<Record<ProblemCode, string>> = {
  headers_too_large: 'The request line and headers together may have 16 KiB.',
  request_timeout: 'The request did not arrive in full in time.',
}

function codeOf(error: NodeJS.ErrnoException): ProblemCode {
  if (error.code === 'HPE_HEADER_OVERFLOW') return 'headers_too_large'
  return error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'malformed_request'
}

export interface ClientErrors {
  /** Answers what Node's parser could not turn into a request, and closes the connection. */
  answer: (error: NodeJS.ErrnoException, socket: Socket) => void
  /** To be told of every request: nothing is written into or behind an answer whose request turns out to be broken. */
  note: (request: IncomingMessage, response: ServerResponse) => void
}

export function createClientErrors(): ClientErrors {
  const latest = new WeakMap<Socket, { request: IncomingMessage; response: ServerResponse }>()

  function isBeingAnswered(socket: Socket): boolean {
    const last = latest.get(socket)
    if (last === undefined || !last.response.headersSent) return false
    return !last.request.complete || !last.response.writableFinished
  }

  return {
    answer(error, socket) {
      if (error.code === 'ECONNRESET' || !socket.writable || isBeingAnswered(socket)) {
        socket.destroySoon()
        return
      }
      const code = codeOf(error)
      sendRaw(socket, new Problem(code, details[code] ?? 'The request could not be parsed.'))
    },
    note: (request, response) => void latest.set(request.socket, { request, response }),
  }
}

/** Writes a problem to a connection that has no response object, and ends it. */
export function sendRaw(socket: Socket, problem: Problem): void {
  const { status } = problemKinds[problem.code]
  const id = requestId({ headers: {} })
  const body = JSON.stringify(problemDocument(problem, id))
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${id}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}
