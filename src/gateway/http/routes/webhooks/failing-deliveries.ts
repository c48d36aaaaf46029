import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { WebhookService } from '../../../services/webhooks/webhooks.ts'
import { clientOf } from '../../access.ts'
import { toPage } from '../../schemas/paging.ts'
import type { Page } from '../../schemas/paging.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'
import {
  failingQuery,
  FailingDeliveryPage,
  toFailingDeliveryDto,
} from '../../schemas/webhooks/failing-delivery.ts'
import type { FailingDeliveryDto } from '../../schemas/webhooks/failing-delivery.ts'

/** Webhooks that need somebody: over all generations, and for operators over all tenants. */
export const failingDeliveriesRoutes: FastifyPluginAsyncZod<{ webhooks: WebhookService }> = async (
  app,
  { webhooks },
) => {
  app.get('/deliveries', {
    config: { access: 'view' },
    schema: {
      operationId: 'listFailingDeliveries',
      tags: ['webhooks'],
      summary: 'List webhook deliveries that fail',
      description:
        'Returns deliveries of the own tenant, and with the scope `observe` or `operate` those of all tenants. Redelivered ones are listed again once they fail again.',
      querystring: failingQuery,
      response: {
        200: answer('One page, newest first.', FailingDeliveryPage),
        ...problems(...keyed, 'validation_failed'),
      },
    },
    async handler(request): Promise<Page<FailingDeliveryDto>> {
      const { state: kind, tenant = null, cursor: before = null, limit } = request.query
      const page = await webhooks.failing(clientOf(request), { kind, tenant, before, limit })
      return toPage(page.data.map(toFailingDeliveryDto), page.hasMore)
    },
  })
}
