import type { Socket } from 'node:net'
import { Problem } from '../../domain/problem.ts'
import type { ProblemCode } from '../../domain/problem.ts'
import type { ConnectionLines } from './pipeline-limit.ts'
import { problemDocument, problemKinds } from '../answers/problems.ts'
import { requestId } from '../request-id.ts'

// An import would load all that `node:http` may answer, such as a WebSocket: 25 ms of a start.
const { STATUS_CODES } = process.getBuiltinModule('node:http')

const details: Partial<Record<ProblemCode, string>> = {
  headers_too_large: 'The request line and headers exceed 16 KiB. Send fewer or shorter headers.',
  request_timeout: 'The complete request was not received in time. Send it again.',
}

/** Longer than the longest wait of a request. A request without a response by then is cut off. */
const answersMs = 75_000
/** How long further input is read and discarded, so that a connection reset does not overtake the last response. */
const lingerMs = 2000

function codeOf(error: NodeJS.ErrnoException): ProblemCode {
  if (error.code === 'HPE_HEADER_OVERFLOW') return 'headers_too_large'
  return error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'malformed_request'
}

export interface ClientErrors {
  /** Answers what Node's parser could not turn into a request, and closes the connection. */
  answer: (error: NodeJS.ErrnoException, socket: Socket) => void
  /** Writes a problem to a connection that goes on no further, behind the answers that it still owes, and ends it. */
  end: (socket: Socket, problem: Problem) => void
}

/** `lines` is asked for with the first error: the server that it belongs to is made with these. */
export function createClientErrors(lines: () => ConnectionLines): ClientErrors {
  const ending = new WeakSet<Socket>()

  function end(socket: Socket, problem: Problem): void {
    // The parser reports every later piece of the same bytes again.
    if (ending.has(socket)) return
    ending.add(socket)
    socket.pause()
    const deadline = setTimeout(() => socket.destroy(), answersMs)
    socket.once('close', () => clearTimeout(deadline))
    lines().whenAnswered(socket, (last) => {
      // Nothing is written into or behind an answer whose own request turns out to be broken.
      if (last === 'answered early' || !socket.writable) socket.destroySoon()
      else sendRaw(socket, problem)
    })
  }

  return {
    answer(error, socket) {
      if (error.code === 'ECONNRESET' || !socket.writable) {
        socket.destroySoon()
        return
      }
      const code = codeOf(error)
      end(socket, new Problem(code, details[code] ?? 'The request is not valid HTTP.'))
    },
    end,
  }
}

/** Writes a problem to a connection that has no response object, and ends it. */
function sendRaw(socket: Socket, problem: Problem): void {
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
  const linger = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(linger))
  socket.once('end', () => socket.destroySoon())
  socket.on('data', () => undefined).resume()
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
