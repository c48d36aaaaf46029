import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { AttemptService } from '../../../services/operations/attempts.ts'
import { clientOf } from '../../access.ts'
import { IdempotencyHeaders, idempotencyOf, notOnce, noteReplay } from '../../requests/idempotency-key.ts'
import { ExchangesDto, toExchangesDto } from '../../schemas/operations/exchange.ts'
import { attemptId } from '../../schemas/fields.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'
import {
  OperatedAttemptDto,
  ResolveRequest,
  toOperatedDto,
  toResolutionInput,
} from '../../schemas/operations/resolve.ts'
import { parse } from '../../requests/validation.ts'
import { GenerationParams } from '../generations/generations.ts'

const AttemptParams = z.object({ id: attemptId })

function showsPrompts(request: FastifyRequest): boolean {
  return clientOf(request).scopes.includes('operate_prompts')
}

export const attemptsRoutes: FastifyPluginAsyncZod<{ attempts: AttemptService }> = async (
  app,
  { attempts },
) => {
  app.get('/generations/:id/exchanges', {
    config: { access: 'operate' },
    schema: {
      operationId: 'listExchanges',
      tags: ['operations'],
      summary: 'What upstreams answered about a generation',
      description:
        'Of any tenant. Prompts, addresses and lists of other jobs only for a key that has `operate_prompts` as well.',
      params: GenerationParams,
      response: {
        200: answer('What is kept.', ExchangesDto),
        ...problems(...keyed, 'not_found'),
      },
    },
    async handler(request, reply): Promise<ExchangesDto> {
      reply.header('cache-control', 'no-store')
      return toExchangesDto(await attempts.exchanges(clientOf(request), request.params.id))
    },
  })

  app.post('/attempts/:id/look', {
    config: { access: 'operate' },
    schema: {
      operationId: 'lookAtAttempt',
      tags: ['operations'],
      summary: 'Ask the upstream about an attempt now',
      description:
        'A job that was not found last is asked about on schedule, because it is lost when that happens three times in a row.',
      params: AttemptParams,
      response: {
        202: answer('It is asked.', OperatedAttemptDto),
        ...problems(...keyed, 'not_found', 'conflict'),
      },
    },
    async handler(request, reply): Promise<OperatedAttemptDto> {
      const placed = await attempts.look(clientOf(request), request.params.id)
      reply.code(202)
      return toOperatedDto(placed, showsPrompts(request))
    },
  })

  app.post('/attempts/:id/resolve', {
    config: { access: 'operate', bodies: { 'application/json': ResolveRequest } },
    schema: {
      operationId: 'resolveAttempt',
      tags: ['operations'],
      summary: 'Say what became of an unknown attempt',
      description:
        '`taken`: the upstream is asked about the job, which is then followed like any other. `not_taken`: the attempt ends, and the next candidate is asked; its job is told of if it turns up after all, followed from then on, and its cost counted. Any other state than `unknown`, or the job of another attempt, is a 409 that says which.',
      headers: IdempotencyHeaders,
      params: AttemptParams,
      response: {
        200: answer('As it is now.', OperatedAttemptDto),
        ...problems(...keyed, ...unreadableBody, 'not_found', 'conflict', 'job_not_found', ...notOnce),
      },
    },
    async handler(request, reply): Promise<OperatedAttemptDto> {
      const body = parse(ResolveRequest, request.body)
      const idempotency = idempotencyOf(request, body)
      const input = toResolutionInput(body)
      const made = await attempts.resolve(clientOf(request), request.params.id, input, idempotency)
      noteReplay(reply, made.replayed)
      return toOperatedDto(made.value, showsPrompts(request))
    },
  })
}
