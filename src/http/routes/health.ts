import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { OperationsService } from '../../services/operations.ts'
import { answer, problems } from '../schemas/problem.ts'

const Liveness = z
  .object({ status: z.literal('alive') })
  .meta({ id: 'Liveness', examples: [{ status: 'alive' }] })

const Readiness = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    checks: z.array(
      z.object({
        name: z.enum(['storage', 'media', 'workers', 'upstreams']),
        ok: z.boolean(),
        detail: z.string().nullable(),
      }),
    ),
  })
  .meta({
    id: 'Readiness',
    examples: [{ status: 'ready', checks: [{ name: 'storage', ok: true, detail: null }] }],
  })

type Readiness = z.output<typeof Readiness>

export const healthRoutes: FastifyPluginAsyncZod<{ operations: OperationsService }> = async (
  app,
  { operations },
) => {
  app.get('/health/live', {
    config: { access: 'public' },
    schema: {
      operationId: 'live',
      tags: ['operations'],
      summary: 'Whether the process answers',
      response: { 200: answer('It does, however busy it is.', Liveness), ...problems('internal') },
    },
    handler: async () => ({ status: 'alive' as const }),
  })

  app.get('/health/ready', {
    config: { access: 'public' },
    schema: {
      operationId: 'ready',
      tags: ['operations'],
      summary: 'Whether work can be taken',
      response: {
        200: answer('It can.', Readiness),
        503: answer('It cannot, because of the checks that are not ok.', Readiness),
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
