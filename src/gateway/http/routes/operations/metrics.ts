import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Problem } from '../../../domain/problem.ts'
import type { Scrape } from '../../../services/observability/scrape.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'

const off =
  'Metrics are turned off. Set `metrics.enabled` to true in the configuration, and restart the gateway.'

/** `scrape`: absent where metrics are off. */
export const metricsRoutes: FastifyPluginAsyncZod<{ scrape: Scrape | undefined }> = async (
  app,
  { scrape },
) => {
  app.get('/metrics', {
    config: { access: 'observe' },
    schema: {
      operationId: 'getMetrics',
      tags: ['operations'],
      summary: 'Get metrics',
      description: 'In the text format of Prometheus. Requires `metrics` in the configuration.',
      response: {
        200: answer('The metrics.', z.string(), 'text/plain'),
        ...problems(...keyed, 'not_found'),
      },
    },
    async handler(_request, reply) {
      if (scrape === undefined) throw new Problem('not_found', off)
      const { contentType, text } = await scrape()
      return reply.header('cache-control', 'no-store').type(contentType).send(Buffer.from(text))
    },
  })
}
