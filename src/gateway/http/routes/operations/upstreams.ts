import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { OperationsService } from '../../../services/operations/operations.ts'
import { clientOf, scopesFor } from '../../access.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'
import { UpstreamList, toUpstreamDto } from '../../schemas/operations/upstream.ts'

export const upstreamsRoutes: FastifyPluginAsyncZod<{ operations: OperationsService }> = async (
  app,
  { operations },
) => {
  app.get('/upstreams', {
    config: { access: 'operations' },
    schema: {
      operationId: 'listUpstreams',
      tags: ['operations'],
      summary: 'List upstreams',
      description: 'Returns the capabilities, prices and current health of each upstream.',
      response: { 200: answer('All upstreams.', UpstreamList), ...problems(...keyed) },
    },
    async handler(request): Promise<UpstreamList> {
      const views = await operations.upstreams()
      // An upstream is shared: what it spent says how much other tenants make.
      const seesSpend = clientOf(request).scopes.some((scope) => scopesFor.oversee.includes(scope))
      return {
        data: views.map((view) => toUpstreamDto(view, { seesSpend })),
        has_more: false,
        next_cursor: null,
      }
    },
  })
}
