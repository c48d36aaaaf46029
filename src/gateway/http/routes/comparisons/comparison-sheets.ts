import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { ComparisonService } from '../../../services/comparisons/comparisons.ts'
import { clientOf } from '../../access.ts'
import { binary } from '../../schemas/generations/media.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'
import { sendSheetPage } from '../../answers/sheets/comparison-page.ts'
import { ComparisonParams } from './comparisons.ts'

/** Contact sheets of comparisons, for whoever has a key. */
export const comparisonSheetsRoutes: FastifyPluginAsyncZod<{ comparisons: ComparisonService }> = async (
  app,
  { comparisons },
) => {
  app.get('/comparisons/:id/sheet', {
    config: { access: 'read' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'getSheet',
      tags: ['comparisons'],
      summary: 'Get the contact sheet as an HTML page',
      params: ComparisonParams,
      response: {
        200: answer('A self-contained page without scripts.', z.string(), 'text/html'),
        ...problems(...keyed, 'not_found'),
      },
    },
    async handler(request, reply) {
      const pictures = await comparisons.sheet(clientOf(request), request.params.id)
      const { sheetUrl: url } = pictures.view
      const addresses = { scores: `${url}/scores`, png: `${url}/sheet.png`, origin: new URL(url).origin }
      return sendSheetPage(reply, pictures, addresses)
    },
  })

  app.delete('/comparisons/:id/link', {
    config: { access: 'generate' },
    schema: {
      operationId: 'endComparisonLinks',
      tags: ['comparisons'],
      summary: 'Revoke the links to a comparison',
      description:
        'Links created before this call stop working. The next `GET` of the comparison returns a new link.',
      params: ComparisonParams,
      response: {
        204: z.null().meta({ description: 'The links are revoked.' }),
        ...problems(...keyed, 'not_found'),
      },
    },
    async handler(request, reply) {
      await comparisons.endLinks(clientOf(request), request.params.id)
      return reply.code(204).send(null)
    },
  })

  app.get('/comparisons/:id/sheet.png', {
    config: { access: 'read' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'getSheetPicture',
      tags: ['comparisons'],
      summary: 'Get the contact sheet as an image',
      params: ComparisonParams,
      response: { 200: answer('A PNG image.', binary, 'image/png'), ...problems(...keyed, 'not_found') },
    },
    async handler(request, reply) {
      const png = await comparisons.sheetPng(clientOf(request), request.params.id)
      return reply.type('image/png').header('cache-control', 'private, no-store').send(png)
    },
  })
}
