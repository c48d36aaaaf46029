import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { NodeService } from '../../../services/operations/nodes.ts'
import { NodeList, toNodeDto } from '../../schemas/operations/node.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'

export const nodesRoutes: FastifyPluginAsyncZod<{ nodes: Pick<NodeService, 'list'> }> = async (
  app,
  { nodes },
) => {
  app.get('/nodes', {
    config: { access: 'oversee' },
    schema: {
      operationId: 'listNodes',
      tags: ['operations'],
      summary: 'List nodes',
      description: 'Returns the processes that share the database. With SQLite, there is one.',
      response: { 200: answer('All nodes.', NodeList), ...problems(...keyed) },
    },
    async handler(_request, reply): Promise<NodeList> {
      reply.header('cache-control', 'no-store')
      const views = await nodes.list()
      return { data: views.map(toNodeDto), has_more: false, next_cursor: null }
    },
  })
}
