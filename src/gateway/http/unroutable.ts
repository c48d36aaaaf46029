import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccessCheck } from './guard-access.ts'
import { answerError } from './compat/answer-error.ts'

/** Calls that Fastify refuses before any hook: a path that cannot be decoded, a parameter that is too long. */
export interface Unroutable {
  answer: (error: Error, request: FastifyRequest, reply: FastifyReply) => void
  /** Has their keys checked and counted, as those of calls to a path that leads nowhere are. */
  checkWith(check: AccessCheck): void
}

export function createUnroutable(): Unroutable {
  let check: AccessCheck | null = null

  async function answer(error: Error, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    reply.header('x-request-id', request.id)
    try {
      await check?.(request, reply)
    } catch (refusal) {
      answerError(refusal, request, reply)
      return
    }
    answerError(error, request, reply)
  }

  /** Fastify waits for no promise here: what is thrown would end the process. */
  async function answerOrHangUp(error: Error, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    try {
      await answer(error, request, reply)
    } catch (fault) {
      request.log.error({ err: fault }, 'failed to respond to a request without a route')
      reply.raw.destroy()
    }
  }

  return {
    answer: (error, request, reply) => void answerOrHangUp(error, request, reply),
    checkWith(given) {
      check = given
    },
  }
}
