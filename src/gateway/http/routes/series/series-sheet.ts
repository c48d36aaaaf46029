import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { SeriesResults } from '../../../services/series-results/series-results.ts'
import { clientOf } from '../../access.ts'
import { sendSeriesPage } from '../../answers/sheets/series-page.ts'
import { binary } from '../../schemas/generations/media.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'
import { SeriesParams } from './series-params.ts'

/** All scenes of a series at a glance. */
export const seriesSheetRoutes: FastifyPluginAsyncZod<{ seriesResults: SeriesResults }> = async (
  app,
  { seriesResults },
) => {
  app.get('/series/:id/sheet', {
    config: { access: 'read' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'getSeriesSheet',
      tags: ['series'],
      summary: 'Get the contact sheet of a series as an HTML page',
      params: SeriesParams,
      response: {
        200: answer('A self-contained page without scripts.', z.string(), 'text/html'),
        ...problems(...keyed, 'not_found'),
      },
    },
    async handler(request, reply) {
      return sendSeriesPage(reply, await seriesResults.sheet(clientOf(request), request.params.id))
    },
  })

  app.get('/series/:id/sheet.png', {
    config: { access: 'read' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'getSeriesSheetPicture',
      tags: ['series'],
      summary: 'Get the contact sheet of a series as an image',
      params: SeriesParams,
      response: { 200: answer('A PNG image.', binary, 'image/png'), ...problems(...keyed, 'not_found') },
    },
    async handler(request, reply) {
      const png = await seriesResults.sheetPng(clientOf(request), request.params.id)
      return reply.type('image/png').header('cache-control', 'private, no-store').send(png)
    },
  })
}
