import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { GenerationViews } from '../../../services/generations/generation-views.ts'
import type { WebhookService } from '../../../services/webhooks/webhooks.ts'
import { clientOf } from '../../access.ts'
import { DeliveryDto, DeliveryPage, toDeliveryDto } from '../../schemas/webhooks/delivery.ts'
import { deliveryId } from '../../schemas/fields.ts'
import { limit, toPage } from '../../schemas/paging.ts'
import type { Page } from '../../schemas/paging.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'
import { GenerationParams } from '../generations/generations.ts'

const params = z.object({ id: deliveryId })

const listQuery = z.strictObject({
  limit,
  cursor: deliveryId.optional().meta({ description: 'The `next_cursor` of the previous page.' }),
})

/** What was sent to webhooks, and sending it again. */
export const deliveriesRoutes: FastifyPluginAsyncZod<{
  webhooks: WebhookService
  views: GenerationViews
}> = async (app, { webhooks, views }) => {
  app.get('/generations/:id/deliveries', {
    config: { access: 'view' },
    schema: {
      operationId: 'listDeliveries',
      tags: ['webhooks'],
      summary: 'List the webhook deliveries of a generation',
      params: GenerationParams,
      querystring: listQuery,
      response: {
        200: answer('One page, newest first.', DeliveryPage),
        ...problems(...keyed, 'validation_failed', 'not_found'),
      },
    },
    async handler(request): Promise<Page<DeliveryDto>> {
      const { cursor: before = null, limit: count } = request.query
      const { id } = request.params
      const { as, view } = await views.open(clientOf(request), id, 'deliveries')
      const page = await webhooks.deliveries(as, id, { before, limit: count })
      return toPage(
        page.data.map((delivery) => toDeliveryDto(delivery, view)),
        page.hasMore,
      )
    },
  })

  app.post('/deliveries/:id/redeliver', {
    config: { access: 'act' },
    schema: {
      operationId: 'redeliver',
      tags: ['webhooks'],
      summary: 'Redeliver an event',
      description:
        'Sends the event again with the same `webhook-id`, even if it was delivered. Earlier events that are still pending are sent first. With the scope `operate`, it may be of any tenant.',
      params,
      response: {
        202: answer('The delivery is queued.', DeliveryDto),
        ...problems(...keyed, 'not_found', 'conflict'),
      },
    },
    async handler(request, reply): Promise<DeliveryDto> {
      const delivery = await webhooks.redeliver(clientOf(request), request.params.id)
      const { generationId, seriesId } = delivery
      const location =
        seriesId === undefined ? `/generations/${generationId}/deliveries` : `/series/${seriesId}`
      reply.code(202).header('location', location)
      return toDeliveryDto(delivery)
    },
  })
}
