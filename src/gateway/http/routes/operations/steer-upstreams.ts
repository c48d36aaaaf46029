import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { operations as breakerOperations } from '../../../domain/routing/upstream.ts'
import type { Operation } from '../../../domain/routing/upstream.ts'
import type { OperationsService } from '../../../services/operations/operations.ts'
import { clientOf } from '../../access.ts'
import { validationFailed } from '../../requests/validation.ts'
import {
  BreakerResetDto,
  ProbeDto,
  toBreakerResetDto,
  toProbeDto,
} from '../../schemas/operations/steering.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'

const UpstreamParams = z.object({ id: z.string().meta({ description: 'The ID of the upstream.' }) })
// The handler says what is wrong with it; of other wrong paths the answer is that nothing is there.
const BreakerParams = UpstreamParams.extend({
  operation: z.string().meta({
    enum: [...breakerOperations],
    description: 'The operation whose breaker is reset.',
  }),
})
const breakerOperation = z.enum(breakerOperations)

function operationOf(text: string): Operation {
  const parsed = breakerOperation.safeParse(text)
  if (parsed.success) return parsed.data
  const detail = `must be one of ${breakerOperations.join(', ')}`
  throw validationFailed([{ pointer: '#/path/operation', detail }])
}

/** Trying an upstream again, and asking it how it is. */
export const steerUpstreamsRoutes: FastifyPluginAsyncZod<{ operations: OperationsService }> = async (
  app,
  { operations },
) => {
  app.post('/upstreams/:id/breakers/:operation/reset', {
    config: { access: 'operate' },
    schema: {
      operationId: 'resetBreaker',
      tags: ['operations'],
      summary: 'Reset a breaker of an upstream',
      description:
        'Closes the breaker and forgets the failures that it counted. Requests that waited for it are sent within ten seconds. A reset of `create` also tries models again that the upstream reported as unavailable.',
      params: BreakerParams,
      response: {
        200: answer('It is closed.', BreakerResetDto),
        ...problems(...keyed, 'validation_failed', 'not_found'),
      },
    },
    async handler(request): Promise<BreakerResetDto> {
      const { id } = request.params
      const operation = operationOf(request.params.operation)
      return toBreakerResetDto(id, await operations.resetBreaker(clientOf(request), id, operation))
    },
  })

  app.post('/upstreams/:id/probe', {
    config: { access: 'operate' },
    schema: {
      operationId: 'probeUpstream',
      tags: ['operations'],
      summary: 'Probe an upstream',
      description:
        'Makes the calls of its dialect that cost nothing and create nothing: the list of jobs, the list of models, the balance. Each is made once, whatever its breakers say, and changes no breaker.',
      params: UpstreamParams,
      response: { 200: answer('What each call said.', ProbeDto), ...problems(...keyed, 'not_found') },
    },
    handler: async (request): Promise<ProbeDto> =>
      toProbeDto(await operations.probe(clientOf(request), request.params.id)),
  })
}
