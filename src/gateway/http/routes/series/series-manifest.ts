import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { SeriesResults } from '../../../services/series-results/series-results.ts'
import { clientOf } from '../../access.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'
import { SeriesManifestDto, toManifestCsv, toManifestDto } from '../../schemas/series/series-manifest.ts'
import { SeriesParams } from './series-params.ts'

/** The scenes of a series with their files, for programs and for tables. */
export const seriesManifestRoutes: FastifyPluginAsyncZod<{ seriesResults: SeriesResults }> = async (
  app,
  { seriesResults },
) => {
  app.get('/series/:id/manifest', {
    config: { access: 'read' },
    schema: {
      operationId: 'getSeriesManifest',
      tags: ['series'],
      summary: 'Get the manifest of a series',
      description: 'Lists all scenes with their files, whatever their status.',
      params: SeriesParams,
      response: {
        200: answer('All scenes in order.', SeriesManifestDto),
        ...problems(...keyed, 'not_found'),
      },
    },
    async handler(request): Promise<SeriesManifestDto> {
      return toManifestDto(await seriesResults.manifest(clientOf(request), request.params.id))
    },
  })

  app.get('/series/:id/manifest.csv', {
    config: { access: 'read' },
    schema: {
      operationId: 'getSeriesManifestCsv',
      tags: ['series'],
      summary: 'Get the manifest of a series as CSV',
      description: 'The same as the JSON manifest, with one line per scene. `metadata` is JSON text.',
      params: SeriesParams,
      response: {
        200: answer('A line of column names, then all scenes in order.', z.string(), 'text/csv'),
        ...problems(...keyed, 'not_found'),
      },
    },
    async handler(request, reply) {
      const { id } = request.params
      const manifest = await seriesResults.manifest(clientOf(request), id)
      reply.header('content-disposition', `attachment; filename="${id}.csv"`)
      return reply.type('text/csv; charset=utf-8; header=present').send(toManifestCsv(manifest))
    },
  })
}
