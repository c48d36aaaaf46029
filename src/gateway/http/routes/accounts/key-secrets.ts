import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { KeyService } from '../../../services/accounts/keys.ts'
import { clientOf } from '../../access.ts'
import { IdempotencyHeaders, idempotencyOf, notOnce, noteReplay } from '../../requests/idempotency-key.ts'
import { MadeKeyDto, toMadeKeyDto } from '../../schemas/accounts/key.ts'
import { KeyRequest, RotateRequest, toKeyInput } from '../../schemas/accounts/key-request.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'
import { parse } from '../../requests/validation.ts'
import { KeyParams } from './keys.ts'

/** Responses with a secret must not be cached. */
const neverKept = { 'cache-control': 'no-store' }

/** The calls whose answers show a secret. */
export const keySecretsRoutes: FastifyPluginAsyncZod<{ keys: KeyService }> = async (app, { keys }) => {
  app.post('/keys', {
    config: { access: 'admin' },
    schema: {
      operationId: 'createKey',
      tags: ['keys'],
      summary: 'Create a key',
      body: KeyRequest,
      headers: IdempotencyHeaders,
      response: {
        201: answer('The key with its secret, which is shown only once.', MadeKeyDto),
        ...problems(...keyed, ...unreadableBody, 'name_taken', 'conflict', ...notOnce),
      },
    },
    async handler(request, reply): Promise<MadeKeyDto> {
      const idempotency = idempotencyOf(request, request.body)
      const { value: made, replayed } = await keys.create(
        clientOf(request),
        toKeyInput(request.body),
        idempotency,
      )
      noteReplay(reply, replayed)
      reply.code(201).headers({ ...neverKept, location: `/keys/${made.key.id}` })
      return toMadeKeyDto(made)
    },
  })

  app.post('/keys/:id/rotate', {
    config: { access: 'admin', bodies: { 'application/json': RotateRequest } },
    schema: {
      operationId: 'rotateKey',
      tags: ['keys'],
      summary: 'Rotate the secret of a key',
      description:
        'The previous secret stays valid for the grace period. Older secrets stop working immediately.',
      params: KeyParams,
      headers: IdempotencyHeaders,
      response: {
        200: answer('The key with its new secret, which is shown only once.', MadeKeyDto),
        ...problems(...keyed, ...unreadableBody, 'not_found', 'conflict', ...notOnce),
      },
    },
    async handler(request, reply): Promise<MadeKeyDto> {
      const { grace_seconds: seconds } = parse(RotateRequest, request.body ?? {})
      const idempotency = idempotencyOf(request, { seconds })
      const { id } = request.params
      const { value: made, replayed } = await keys.rotate(clientOf(request), id, seconds * 1000, idempotency)
      noteReplay(reply, replayed)
      reply.headers(neverKept)
      return toMadeKeyDto(made)
    },
  })
}
