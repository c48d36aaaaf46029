import type { FastifyReply, FastifyRequest } from 'fastify'
import { answerProblem } from '../answers/answer-problem.ts'
import { answerOpenaiError } from './openai/error.ts'

/** The error handler of everything that no surface of its own handles: below `/v1` clients read OpenAI's envelope only. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const isCompat = /^\/v1(?:[/?]|$)/.test(request.url)
  return isCompat ? answerOpenaiError(error, request, reply) : answerProblem(error, request, reply)
}
