import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { EstimateService } from '../../../services/usage/estimates.ts'
import { clientOf } from '../../access.ts'
import { toSize } from '../../requests/generation-input.ts'
import { EstimateDto, EstimateRequest, toEstimateDto } from '../../schemas/generations/estimate.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'

export const estimatesRoutes: FastifyPluginAsyncZod<{ estimates: EstimateService }> = async (
  app,
  { estimates },
) => {
  app.post('/estimates', {
    config: { access: 'operations' },
    schema: {
      operationId: 'estimate',
      tags: ['usage'],
      summary: 'Estimate the monthly cost of a workload',
      description:
        'Applies the routing and prices of real requests under each policy. Nothing is sent or stored. The actual cost can be higher when attempts fail.',
      body: EstimateRequest,
      response: {
        200: answer('One estimate per policy.', EstimateDto),
        ...problems(...keyed, ...unreadableBody),
      },
    },
    async handler(request): Promise<EstimateDto> {
      const { count, model = null, duration = null, size, characters } = request.body
      const input = {
        count,
        model,
        durationSeconds: duration,
        size: size === undefined ? null : toSize(size),
        characters,
      }
      const { workload, estimates: found } = estimates.estimate(clientOf(request), input)
      return toEstimateDto(workload, found)
    },
  })
}
