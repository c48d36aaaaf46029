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
    config: { access: 'observe' },
    schema: {
      operationId: 'listExchanges',
      tags: ['operations'],
      summary: 'List upstream responses for a generation',
      description:
        'Works for generations of any tenant. Prompts, addresses and lists of other jobs require the scope `operate_prompts` as well.',
      params: GenerationParams,
      response: {
        200: answer('The recorded responses.', ExchangesDto),
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
      summary: 'Poll the upstream of an attempt now',
      description:
        'If the last poll did not find the job, the next poll stays on schedule: a job that is not found three times in a row counts as lost.',
      params: AttemptParams,
      response: {
        202: answer('The upstream will be polled.', OperatedAttemptDto),
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
      summary: 'Resolve an attempt that is unknown or was paid without a video',
      description:
        'With `taken`, the job is looked up at the upstream and followed like any other. With `not_taken`, the attempt ends and the next candidate is tried; if the job turns up later, it is reported, followed and its cost is counted. Both need an `unknown` attempt. An attempt that ended without a video and was paid is resolved with `charged` (its cost stays, or becomes `cost_usd`) or `not_charged` (its cost becomes 0). In any other state, or if the job belongs to another attempt, the response is a 409.',
      headers: IdempotencyHeaders,
      params: AttemptParams,
      response: {
        200: answer('The attempt.', OperatedAttemptDto),
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
