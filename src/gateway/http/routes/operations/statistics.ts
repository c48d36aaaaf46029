import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { mostSteps } from '../../../domain/statistics/steps.ts'
import type { StatisticsQuestion, StatisticsService } from '../../../services/statistics/statistics.ts'
import { clientOf } from '../../access.ts'
import { instant, toMsOrNull } from '../../schemas/fields.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'
import {
  StatisticsDto,
  UpstreamStatisticsDto,
  statisticsStep,
  toStatisticsDto,
  toUpstreamStatisticsDto,
} from '../../schemas/operations/statistics.ts'

const statisticsQuery = z.strictObject({
  from: instant.optional().meta({
    description: 'A time in the first step. Default: a day of hours, or 30 days, before the end.',
  }),
  to: instant.optional().meta({ description: 'The end, exclusive. Default: now, which is also the latest.' }),
  step: statisticsStep.default('hour').meta({ description: `At most ${mostSteps} steps are returned.` }),
})

function questionOf({ from, to, step }: z.output<typeof statisticsQuery>): StatisticsQuestion {
  return { from: toMsOrNull(from), to: toMsOrNull(to), step }
}

export const statisticsRoutes: FastifyPluginAsyncZod<{ statistics: StatisticsService }> = async (
  app,
  { statistics },
) => {
  app.get('/statistics', {
    config: { access: 'oversee' },
    schema: {
      operationId: 'getStatistics',
      tags: ['operations'],
      summary: 'Get statistics of all upstreams',
      description:
        'Counts the accepted generations of all tenants, and their attempts at the configured upstreams together, per hour or day.',
      querystring: statisticsQuery,
      response: {
        200: answer('The statistics.', StatisticsDto),
        ...problems(...keyed, 'validation_failed'),
      },
    },
    async handler(request): Promise<StatisticsDto> {
      return toStatisticsDto(await statistics.overall(clientOf(request), questionOf(request.query)))
    },
  })

  app.get('/upstreams/:id/statistics', {
    config: { access: 'oversee' },
    schema: {
      operationId: 'getUpstreamStatistics',
      tags: ['operations'],
      summary: 'Get statistics of an upstream',
      description:
        'Counts the attempts of all tenants at an upstream per hour or day: creates, ends, failures, times, costs, breaker openings and jobs in flight.',
      params: z.object({ id: z.string().max(200).meta({ description: 'The ID of the upstream.' }) }),
      querystring: statisticsQuery,
      response: {
        200: answer('The statistics.', UpstreamStatisticsDto),
        ...problems(...keyed, 'validation_failed', 'not_found'),
      },
    },
    async handler(request): Promise<UpstreamStatisticsDto> {
      const question = questionOf(request.query)
      return toUpstreamStatisticsDto(await statistics.of(clientOf(request), request.params.id, question))
    },
  })
}
