import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { EstimateService } from '../../../services/usage/estimates.ts'
import { clientOf } from '../../access.ts'
import { toSize } from '../../requests/generation-input.ts'
import {
  EstimateDto,
  EstimateRequest,
  toEstimateDto,
  toHistoryDto,
} from '../../schemas/generations/estimate.ts'
import { toMsOrNull } from '../../schemas/fields.ts'
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
      summary: 'Estimate the cost of a workload or of past work',
      description:
        'Applies the routing and prices of real requests under each policy. Nothing is sent or stored. The actual cost can be higher when attempts fail. With `from_history` the work is the videos delivered in a period, of your own tenant, or of all with the scope `admin`, `observe` or `operate`; generations that were removed are not in it.',
      body: EstimateRequest,
      response: {
        200: answer('One estimate per policy.', EstimateDto),
        ...problems(...keyed, ...unreadableBody),
      },
    },
    async handler(request): Promise<EstimateDto> {
      const { count, model = null, duration = null, size, characters, from_history: history } = request.body
      const client = clientOf(request)
      if (history !== undefined) {
        const { tenant = null, from, to } = history
        const asked = { tenant, from: toMsOrNull(from), to: toMsOrNull(to) }
        return toHistoryDto(await estimates.fromHistory(client, asked))
      }
      if (count === undefined) throw new Error('the schema takes no workload without a count')
      const input = {
        count,
        model,
        durationSeconds: duration,
        size: size === undefined ? null : toSize(size),
        characters,
      }
      const { workload, estimates: found } = estimates.estimate(client, input)
      return toEstimateDto(workload, found)
    },
  })
}
