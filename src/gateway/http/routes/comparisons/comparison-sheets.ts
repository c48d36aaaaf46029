import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { ComparisonService } from '../../../services/comparisons/comparisons.ts'
import { clientOf } from '../../access.ts'
import { binary } from '../../schemas/generations/media.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'
import { sendSheetPage } from '../../answers/sheet-page.ts'
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
      summary: 'The contact sheet as a page',
      params: ComparisonParams,
      response: {
        200: answer('A page without scripts that loads nothing.', z.string(), 'text/html'),
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
      summary: 'End the links to a comparison',
      description:
        'Nobody sees or scores it any more by a link made before. The next GET of the comparison gives another one.',
      params: ComparisonParams,
      response: { 204: z.null().meta({ description: 'Ended.' }), ...problems(...keyed, 'not_found') },
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
      summary: 'The contact sheet as a picture',
      params: ComparisonParams,
      response: { 200: answer('A PNG.', binary, 'image/png'), ...problems(...keyed, 'not_found') },
    },
    async handler(request, reply) {
      const png = await comparisons.sheetPng(clientOf(request), request.params.id)
      return reply.type('image/png').header('cache-control', 'private, no-store').send(png)
    },
  })
}
