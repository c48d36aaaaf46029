import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { AttemptService } from '../../services/attempts.ts'
import { clientOf } from '../access.ts'
import { ExchangesDto, toExchangesDto } from '../schemas/exchange.ts'
import { answer, keyed, problems } from '../schemas/problem.ts'
import { GenerationParams } from './generations.ts'

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
}
