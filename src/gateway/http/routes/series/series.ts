import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { SeriesService } from '../../../services/series/series.ts'
import { clientOf } from '../../access.ts'
import { IdempotencyHeaders, idempotencyOf, notOnce, noteReplay } from '../../requests/idempotency-key.ts'
import { toSeriesInput } from '../../requests/series-input.ts'
import { parse } from '../../requests/validation.ts'
import { seriesId } from '../../schemas/fields.ts'
import { limit, toPage } from '../../schemas/paging.ts'
import type { Page } from '../../schemas/paging.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'
import {
  SeriesDto,
  SeriesPage,
  seriesStatus,
  toSeriesDto,
  toSeriesSummary,
} from '../../schemas/series/series.ts'
import type { SeriesSummary } from '../../schemas/series/series.ts'
import { SeriesRequest } from '../../schemas/series/series-request.ts'

export const SeriesParams = z.object({ id: seriesId })

const listQuery = z.strictObject({
  status: seriesStatus.optional(),
  limit,
  cursor: seriesId.optional().meta({ description: '`next_cursor` of the previous page.' }),
})

/** Two for each of a hundred scenes: every faulty scene is named. */
const mostFaults = 200

/** Lists of scenes as one piece of work. */
export const seriesRoutes: FastifyPluginAsyncZod<{ series: SeriesService }> = async (app, { series }) => {
  app.post('/series', {
    // The handler parses the body, to name more faults than other operations do.
    config: { access: 'generate', bodies: { 'application/json': SeriesRequest } },
    schema: {
      operationId: 'createSeries',
      tags: ['series'],
      summary: 'Create a series',
      description:
        'Stores all scenes together, or none. Scenes are sent in order, as ordinary generations, within the cost limit of the series.',
      headers: IdempotencyHeaders,
      response: {
        202: answer('The stored series.', SeriesDto),
        ...problems(
          ...keyed,
          ...unreadableBody,
          'character_not_found',
          'generation_not_found',
          'no_upstream',
          'over_max_cost',
          'budget_exceeded',
          'url_forbidden',
          'conflict',
          'storage_full',
          ...notOnce,
        ),
      },
    },
    async handler(request, reply) {
      const body = parse(SeriesRequest, request.body, '', mostFaults)
      const idempotency = idempotencyOf(request, body)
      const { value: view, replayed } = await series.create(
        clientOf(request),
        toSeriesInput(body),
        idempotency,
      )
      noteReplay(reply, replayed)
      reply.code(202).header('location', `/series/${view.series.id}`)
      return toSeriesDto(view)
    },
  })

  app.get('/series', {
    config: { access: 'read' },
    schema: {
      operationId: 'listSeries',
      tags: ['series'],
      summary: 'List series',
      querystring: listQuery,
      response: {
        200: answer('A page of series without their scenes, newest first.', SeriesPage),
        ...problems(...keyed, 'validation_failed'),
      },
    },
    async handler(request): Promise<Page<SeriesSummary>> {
      const { status = null, cursor: before = null, limit: count } = request.query
      const page = await series.list(clientOf(request), { status, before, limit: count })
      return toPage(page.data.map(toSeriesSummary), page.hasMore)
    },
  })

  app.get('/series/:id', {
    config: { access: 'read' },
    schema: {
      operationId: 'getSeries',
      tags: ['series'],
      summary: 'Get a series',
      params: SeriesParams,
      response: { 200: answer('The series with its scenes.', SeriesDto), ...problems(...keyed, 'not_found') },
    },
    async handler(request): Promise<SeriesDto> {
      return toSeriesDto(await series.get(clientOf(request), request.params.id))
    },
  })

  await app.register(endSeriesRoutes, { series })
}

const endSeriesRoutes: FastifyPluginAsyncZod<{ series: SeriesService }> = async (app, { series }) => {
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
    async handler(request): Promise<SeriesDto> {
      return toSeriesDto(await series.cancel(clientOf(request), request.params.id))
    },
  })

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
