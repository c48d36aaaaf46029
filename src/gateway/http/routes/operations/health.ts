import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { OperationsService } from '../../../services/operations/operations.ts'
import { Liveness, Readiness } from '../../schemas/operations/health.ts'
import { answer, problems } from '../../schemas/problem.ts'

export const healthRoutes: FastifyPluginAsyncZod<{ operations: OperationsService }> = async (
  app,
  { operations },
) => {
  app.get('/health/live', {
    config: { access: 'public' },
    schema: {
      operationId: 'live',
      tags: ['operations'],
      summary: 'Check that the process is running',
      response: {
        200: answer('The process is running, whatever its load.', Liveness),
        ...problems('internal'),
      },
    },
    handler: async () => ({ status: 'alive' as const }),
  })

  app.get('/health/ready', {
    config: { access: 'public' },
    schema: {
      operationId: 'ready',
      tags: ['operations'],
      summary: 'Check that the gateway accepts work',
      response: {
        200: answer('The gateway accepts work.', Readiness),
        503: answer('The gateway does not accept work. See the checks that are not `ok`.', Readiness),
        ...problems('internal'),
      },
    },
    async handler(_request, reply): Promise<Readiness> {
      const { ready, checks } = await operations.readiness()
      reply.code(ready ? 200 : 503)
      return {
        status: ready ? 'ready' : 'not_ready',
        checks: checks.map(({ name, ok, detail }) => ({ name, ok, detail })),
      }
    },
  })
}
