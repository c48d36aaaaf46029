import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Problem } from '../../../domain/problem.ts'
import type { ReceiveWebhook } from '../../../services/webhooks/vendor-webhooks.ts'
import { problems } from '../../schemas/problem.ts'
import { VendorWebhook } from '../../schemas/webhooks/vendor-webhook.ts'

/** Vendors' messages are a few hundred bytes; nobody is known here before the whole body was read. */
const bodyLimit = 64 * 1024

const params = z.object({
  upstream: z.string().max(64).meta({ description: 'The id of the upstream whose vendor calls.' }),
})

/** Not required here: a message without them is one that is not signed. */
const headers = z.looseObject({
  'webhook-id': z.string().max(256).optional().meta({ description: 'The same when a message is repeated.' }),
  'webhook-timestamp': z.string().optional().meta({ description: 'Seconds since the epoch.' }),
  'webhook-signature': z
    .string()
    .optional()
    .meta({ description: '`v1,` and base64; several with spaces between them.' }),
})

/** Where vendors tell of their jobs. The signature is over the bytes, so the body is not parsed before it is checked. */
export const vendorWebhookRoutes: FastifyPluginAsyncZod<{ receiveWebhook: ReceiveWebhook }> = async (
  app,
  { receiveWebhook },
) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  app.post('/webhooks/:upstream', {
    bodyLimit,
    config: { access: 'signature', bodies: { 'application/json': VendorWebhook } },
    schema: {
      operationId: 'receiveVendorWebhook',
      tags: ['webhooks'],
      summary: 'Take a hint from a vendor',
      description:
        'For the webhooks of an upstream that is configured with a `webhook_secret`. What the message says about a job is not believed: the job is polled at once. Repetitions are harmless.',
      params,
      headers,
      response: {
        204: z.null().meta({ description: 'Taken.' }),
        ...problems(
          'validation_failed',
          'unauthorized',
          'not_found',
          'payload_too_large',
          'storage_full',
          'overloaded',
          'internal',
        ),
      },
    },
    async handler(request, reply) {
      const { headers: sent, body } = request
      const signature = {
        'webhook-id': sent['webhook-id'] ?? '',
        'webhook-timestamp': sent['webhook-timestamp'] ?? '',
        'webhook-signature': sent['webhook-signature'] ?? '',
      }
      const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
      try {
        await receiveWebhook(request.params.upstream, signature, bytes)
      } catch (error) {
        if (error instanceof Problem && error.code === 'unauthorized') {
          reply.header('www-authenticate', 'StandardWebhooks realm="understudy"')
        }
        throw error
      }
      return reply.code(204).send(null)
    },
  })
}
