import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../../domain/problem.ts'
import { drainRequest } from '../edge/drain-request.ts'
import { unsupportedType } from '../bodies/request-body.ts'
import { problemDocument, problemKinds, toProblem } from './problems.ts'

/**
 * Converts an error into a problem, logs it if it is the gateway's fault, and sets the headers. The caller writes the body.
 */
export function noteProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): Problem {
  const known = toProblem(error)
  const isType = known.code === 'unsupported_media_type' && known.faults.length === 0
  const problem = isType ? unsupportedType(request, error) : known
  const { status, retryAfterSeconds } = problemKinds[problem.code]
  if (problem.code === 'internal') request.log.error({ err: problem.cause ?? problem }, 'request failed')
  else if (status >= 500) request.log.warn({ err: problem }, 'request failed')
  drainRequest(request, reply)
  if (retryAfterSeconds !== undefined && !reply.hasHeader('retry-after')) {
    reply.header('retry-after', retryAfterSeconds)
  }
  return problem
}

/** The one error handler of the API: answers anything thrown as `application/problem+json`. */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = noteProblem(error, request, reply)
  const body = JSON.stringify(problemDocument(problem, request.id))
  // Sent as bytes, because Fastify adds a charset parameter to strings, which this media type does not have.
  return reply
    .code(problemKinds[problem.code].status)
    .type('application/problem+json')
    .send(Buffer.from(body))
}
