import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { SignedAddresses } from '../../../services/generations/signed-addresses.ts'
import type { SeriesService } from '../../../services/series/series.ts'
import { clientOf } from '../../access.ts'
import { keepAsItIs } from '../../answers/compress-json.ts'
import { IdempotencyHeaders, idempotencyOf, notOnce, noteReplay } from '../../requests/idempotency-key.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'
import { SeriesDto, toSeriesDto } from '../../schemas/series/series.ts'
import { SeriesRetryRequest } from '../../schemas/series/series-request.ts'
import { SeriesParams } from './series-params.ts'

/** Ending series, and trying once more. */
export const endSeriesRoutes: FastifyPluginAsyncZod<{
  series: SeriesService
  addresses: SignedAddresses
}> = async (app, { series, addresses }) => {
  app.post('/series/:id/retry', {
    config: { access: 'generate' },
    schema: {
      operationId: 'retrySeries',
      tags: ['series'],
      summary: 'Retry failed scenes',
      description:
        'Sends failed scenes again, within what is left of the cost limit. A scene with an unknown outcome is never sent again.',
      params: SeriesParams,
      body: SeriesRetryRequest,
      headers: IdempotencyHeaders,
      response: {
        202: answer('The series with the retried scenes waiting.', SeriesDto),
        ...problems(
          ...keyed,
          ...unreadableBody,
          'not_found',
          'character_not_found',
          'no_upstream',
          'budget_exceeded',
          'conflict',
          'storage_full',
          ...notOnce,
        ),
      },
    },
    async handler(request, reply) {
      const { scenes = null } = request.body
      const input = { scenes: scenes && scenes.map(({ id, prompt = null }) => ({ id, prompt })) }
      const idempotency = idempotencyOf(request, request.body)
      const { value: view, replayed } = await series.retry(
        clientOf(request),
        request.params.id,
        input,
        idempotency,
      )
      noteReplay(reply, replayed)
      reply.code(202)
      keepAsItIs(reply)
      return toSeriesDto(view, addresses)
    },
  })

  app.post('/series/:id/cancel', {
    config: { access: 'generate' },
    schema: {
      operationId: 'cancelSeries',
      tags: ['series'],
      summary: 'Cancel a series',
      description:
        'Waiting scenes are not sent, and those that were sent are cancelled. What an upstream still charges is settled later.',
      params: SeriesParams,
      response: {
        200: answer('The series. Unchanged if it had already ended.', SeriesDto),
        ...problems(...keyed, 'not_found', 'conflict'),
      },
    },
    async handler(request, reply): Promise<SeriesDto> {
      keepAsItIs(reply)
      return toSeriesDto(await series.cancel(clientOf(request), request.params.id), addresses)
    },
  })

  await app.register(deleteSeriesRoute, { series })
}

const deleteSeriesRoute: FastifyPluginAsyncZod<{ series: SeriesService }> = async (app, { series }) => {
  app.delete('/series/:id', {
    config: { access: 'generate' },
    schema: {
      operationId: 'deleteSeries',
      tags: ['series'],
      summary: 'Delete a series with its generations and their media',
      params: SeriesParams,
      response: {
        204: z.null().meta({ description: 'Deleted.' }),
        ...problems(...keyed, 'not_found', 'conflict'),
      },
    },
    async handler(request, reply) {
      await series.remove(clientOf(request), request.params.id)
      return reply.code(204).send(null)
    },
  })
}
