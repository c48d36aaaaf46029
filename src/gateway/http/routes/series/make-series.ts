import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { ProblemCode } from '../../../domain/problem.ts'
import type { SignedAddresses } from '../../../services/generations/signed-addresses.ts'
import type { SeriesService } from '../../../services/series/series.ts'
import { clientOf } from '../../access.ts'
import { keepAsItIs } from '../../answers/compress-json.ts'
import { IdempotencyHeaders, idempotencyOf, notOnce, noteReplay } from '../../requests/idempotency-key.ts'
import { toSeriesInput } from '../../requests/series-input.ts'
import { parse } from '../../requests/validation.ts'
import { SeriesParams } from './series-params.ts'
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
import { SeriesPlanDto, toSeriesPlanDto } from '../../schemas/series/series-plan.ts'
import { SeriesRequest } from '../../schemas/series/series-request.ts'

const listQuery = z.strictObject({
  status: seriesStatus.optional(),
  limit,
  cursor: seriesId.optional().meta({ description: '`next_cursor` of the previous page.' }),
})

/** Two for each of a hundred scenes: every faulty scene is named. */
const mostFaults = 200
const bodies = { 'application/json': SeriesRequest }

const refusals: ProblemCode[] = [
  ...keyed,
  ...unreadableBody,
  'character_not_found',
  'generation_not_found',
  'no_upstream',
  'budget_exceeded',
  'url_forbidden',
]

/** Making series and reading them. */
export const makeSeriesRoutes: FastifyPluginAsyncZod<{
  series: SeriesService
  addresses: SignedAddresses
}> = async (app, { series, addresses }) => {
  app.post('/series', {
    // The handler parses the body, to name more faults than other operations do.
    config: { access: 'generate', bodies },
    schema: {
      operationId: 'createSeries',
      tags: ['series'],
      summary: 'Create a series',
      description:
        'Stores all scenes together, or none. Scenes are sent in order, as ordinary generations, within the cost limit of the series.',
      headers: IdempotencyHeaders,
      response: {
        202: answer('The stored series.', SeriesDto),
        ...problems(...refusals, 'over_max_cost', 'conflict', 'storage_full', ...notOnce),
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
      keepAsItIs(reply)
      return toSeriesDto(view, addresses)
    },
  })

  app.post('/series/route', {
    config: { access: 'generate', previewed: true, bodies },
    schema: {
      operationId: 'planSeries',
      tags: ['series'],
      summary: 'Preview a series',
      description:
        'The route plan of each scene and the cost of all, for the same body as `POST /series`. Sends and stores nothing.',
      response: { 200: answer('The plans.', SeriesPlanDto), ...problems(...refusals) },
    },
    async handler(request): Promise<SeriesPlanDto> {
      const body = parse(SeriesRequest, request.body, '', mostFaults)
      return toSeriesPlanDto(await series.route(clientOf(request), toSeriesInput(body)))
    },
  })

  await app.register(readSeriesRoutes, { series, addresses })
}

const readSeriesRoutes: FastifyPluginAsyncZod<{
  series: SeriesService
  addresses: SignedAddresses
}> = async (app, { series, addresses }) => {
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
    config: { access: 'read', polled: true },
    schema: {
      operationId: 'getSeries',
      tags: ['series'],
      summary: 'Get a series',
      params: SeriesParams,
      response: { 200: answer('The series with its scenes.', SeriesDto), ...problems(...keyed, 'not_found') },
    },
    async handler(request, reply): Promise<SeriesDto> {
      keepAsItIs(reply)
      return toSeriesDto(await series.get(clientOf(request), request.params.id), addresses)
    },
  })
}
