import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Problem } from '../../../domain/problem.ts'
import type { ReceiveWebhook } from '../../../services/webhooks/vendor-webhooks.ts'
import { problems } from '../../schemas/problem.ts'
import { VendorWebhook } from '../../schemas/webhooks/vendor-webhook.ts'

/**
 * Messages of vendors have a few hundred bytes. The limit is small, because the sender is authenticated only after the
 * whole body was read.
 */
const bodyLimit = 64 * 1024

const params = z.object({
  upstream: z.string().max(64).meta({ description: 'The ID of the upstream that the message is about.' }),
})

/** Not required here: a message without them is one that is not signed. */
const headers = z.looseObject({
  'webhook-id': z
    .string()
    .max(256)
    .optional()
    .meta({ description: 'Stays the same when a message is repeated.' }),
  'webhook-timestamp': z.string().optional().meta({ description: 'Seconds since the epoch.' }),
  'webhook-signature': z.string().optional().meta({
    description: '`v1,` followed by the signature in base64. Separate several signatures with spaces.',
  }),
})

/** Receives webhooks of vendors. The signature covers the raw bytes, so it is checked before the body is parsed. */
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
      summary: 'Receive a vendor webhook',
      description:
        'Requires an upstream configured with a `webhook_secret`. A webhook only signals a change: the gateway polls the job to learn what changed. Repeated messages are harmless.',
      params,
      headers,
      response: {
        204: z.null().meta({ description: 'The message was accepted.' }),
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
