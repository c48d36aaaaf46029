import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { OperationsService } from '../../services/operations.ts'
import { clientOf } from '../access.ts'
import { Release } from '../schemas/operation.ts'
import { answer, keyed, problems } from '../schemas/problem.ts'

export const operationsRoutes: FastifyPluginAsyncZod<{ operations: OperationsService }> = async (
  app,
  { operations },
) => {
  app.post('/operations/release', {
    config: { access: 'operate' },
    schema: {
      operationId: 'releaseOperations',
      tags: ['operations'],
      summary: 'Let go what a restore holds',
      description:
        'After a start from a backup nothing is sent to any upstream before this. What was queued is sent then, so the original must have stopped, and what it sent after the backup be known. Calling it again changes nothing.',
      response: { 200: answer('Nothing is held any more.', Release), ...problems(...keyed) },
    },
    handler: async (request): Promise<Release> => ({ released: await operations.release(clientOf(request)) }),
  })
}
