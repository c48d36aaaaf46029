import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { WebhookService } from '../../../services/webhooks/webhooks.ts'
import { clientOf } from '../../access.ts'
import { IdempotencyHeaders, idempotencyOf, notOnce, noteReplay } from '../../requests/idempotency-key.ts'
import { webhookSecretId } from '../../schemas/fields.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'
import {
  MadeWebhookSecretDto,
  toWebhookSecretDto,
  WebhookSecretList,
  WebhookSecretRequest,
} from '../../schemas/webhooks/webhook-secret.ts'
import { parse } from '../../requests/validation.ts'

const params = z.object({ id: webhookSecretId })

/** What the webhooks of a tenant are signed with. */
export const webhookSecretsRoutes: FastifyPluginAsyncZod<{ webhooks: WebhookService }> = async (
  app,
  { webhooks },
) => {
  app.get('/webhook-secrets', {
    config: { access: 'read' },
    schema: {
      operationId: 'listWebhookSecrets',
      tags: ['webhooks'],
      summary: 'List active signing secrets',
      description:
        'Returns the secrets created with this API, without their values. Secrets of the configuration are not listed.',
      response: { 200: answer('All active secrets.', WebhookSecretList), ...problems(...keyed) },
    },
    async handler(request): Promise<WebhookSecretList> {
      const secrets = await webhooks.secrets(clientOf(request))
      return { data: secrets.map(toWebhookSecretDto), has_more: false, next_cursor: null }
    },
  })

  app.post('/webhook-secrets', {
    config: { access: 'generate', bodies: { 'application/json': WebhookSecretRequest } },
    schema: {
      operationId: 'createWebhookSecret',
      tags: ['webhooks'],
      summary: 'Create or rotate a signing secret',
      description:
        'Earlier secrets keep signing for the grace period, so that receivers can switch over without losing messages.',
      headers: IdempotencyHeaders,
      response: {
        201: answer('The created secret. Its value is shown only once.', MadeWebhookSecretDto),
        ...problems(...keyed, ...unreadableBody, 'conflict', ...notOnce),
      },
    },
    async handler(request, reply): Promise<MadeWebhookSecretDto> {
      const { keep_others_seconds: seconds } = parse(WebhookSecretRequest, request.body ?? {})
      const idempotency = idempotencyOf(request, { seconds })
      const made = await webhooks.makeSecret(clientOf(request), Math.round(seconds * 1000), idempotency)
      const { secret, text } = made.value
      noteReplay(reply, made.replayed)
      reply.code(201).headers({ location: '/webhook-secrets', 'cache-control': 'no-store' })
      return { ...toWebhookSecretDto(secret), secret: text }
    },
  })

  app.delete('/webhook-secrets/:id', {
    config: { access: 'generate' },
    schema: {
      operationId: 'deleteWebhookSecret',
      tags: ['webhooks'],
      summary: 'Revoke a signing secret',
      params,
      response: {
        204: z.null().meta({ description: 'The secret no longer signs messages.' }),
        ...problems(...keyed, 'not_found'),
      },
    },
    async handler(request, reply) {
      await webhooks.removeSecret(clientOf(request), request.params.id)
      return reply.code(204).send(null)
    },
  })
}
