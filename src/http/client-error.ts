import { STATUS_CODES } from 'node:http'
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

/** Answers what Node's parser could not turn into a request, and closes the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const code = codeOf(error)
  const { status } = problemKinds[code]
  const id = requestId({ headers: {} })
  const problem = new Problem(code, details[code] ?? 'The request could not be parsed.')
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
