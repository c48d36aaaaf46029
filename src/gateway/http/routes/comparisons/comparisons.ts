import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { ComparisonService } from '../../../services/comparisons/comparisons.ts'
import { clientOf } from '../../access.ts'
import { ComparisonPage, toComparisonSummary } from '../../schemas/comparisons/comparison-summary.ts'
import type { ComparisonSummary } from '../../schemas/comparisons/comparison-summary.ts'
import { limit, toPage } from '../../schemas/paging.ts'
import type { Page } from '../../schemas/paging.ts'
import { ComparisonDto, toComparisonDto } from '../../schemas/comparisons/comparison.ts'
import { comparisonId, trueOrFalse } from '../../schemas/fields.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'

const listQuery = z.strictObject({
  limit,
  cursor: comparisonId.optional().meta({ description: 'The `next_cursor` of the previous page.' }),
})

const removeQuery = z.strictObject({
  cancel: trueOrFalse.optional().meta({ description: 'Also cancel the videos in progress.' }),
})

export const ComparisonParams = z.object({ id: comparisonId })

/** Comparisons of upstreams on one character. */
export const comparisonsRoutes: FastifyPluginAsyncZod<{ comparisons: ComparisonService }> = async (
  app,
  { comparisons },
) => {
  app.get('/comparisons', {
    config: { access: 'read' },
    schema: {
      operationId: 'listComparisons',
      tags: ['comparisons'],
      summary: 'List comparisons',
      querystring: listQuery,
      response: {
        200: answer('A page of comparisons without their videos, newest first.', ComparisonPage),
        ...problems(...keyed, 'validation_failed'),
      },
    },
    async handler(request): Promise<Page<ComparisonSummary>> {
      const { cursor: before = null, limit: count } = request.query
      const page = await comparisons.list(clientOf(request), { before, limit: count })
      return toPage(page.data.map(toComparisonSummary), page.hasMore)
    },
  })

  app.get('/comparisons/:id', {
    config: { access: 'read', polled: true },
    schema: {
      operationId: 'getComparison',
      tags: ['comparisons'],
      summary: 'Get a comparison with its table and videos',
      params: ComparisonParams,
      response: { 200: answer('The comparison.', ComparisonDto), ...problems(...keyed, 'not_found') },
    },
    async handler(request): Promise<ComparisonDto> {
      return toComparisonDto(await comparisons.get(clientOf(request), request.params.id))
    },
  })

  app.delete('/comparisons/:id', {
    config: { access: 'generate' },
    schema: {
      operationId: 'deleteComparison',
      tags: ['comparisons'],
      summary: 'Delete a comparison, its scores and its links',
      description:
        'Videos that were not started are not rendered. Generations of the comparison are kept, with their media; those in progress continue and are charged, unless `cancel` is `true`. Cancelled ones may still be charged.',
      params: ComparisonParams,
      querystring: removeQuery,
      response: {
        204: z.null().meta({ description: 'The comparison was deleted.' }),
        ...problems(...keyed, 'validation_failed', 'not_found'),
      },
    },
    async handler(request, reply) {
      const open = request.query.cancel === 'true' ? 'cancel' : 'continue'
      await comparisons.remove(clientOf(request), request.params.id, open)
      return reply.code(204).send(null)
    },
  })
}
