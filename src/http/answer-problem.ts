import type { FastifyReply, FastifyRequest } from 'fastify'
import { discardRest } from './discard-rest.ts'
import { problemDocument, problemKinds, toProblem } from './problems.ts'

/** The one error handler: answers anything thrown as `application/problem+json`; logs only what is the gateway's fault. */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(error)
  const { status, retryAfterSeconds } = problemKinds[problem.code]
  if (problem.code === 'internal') request.log.error({ err: problem.cause ?? problem }, 'request failed')
  else if (status >= 500) request.log.warn({ err: problem }, 'request not served')
  discardRest(request, reply)
  if (retryAfterSeconds !== undefined && !reply.hasHeader('retry-after')) {
    reply.header('retry-after', retryAfterSeconds)
  }
  const body = JSON.stringify(problemDocument(problem, request.id))
  // As bytes: Fastify would add a charset parameter, which this media type does not have, to a string.
  return reply.code(status).type('application/problem+json').send(Buffer.from(body))
}
