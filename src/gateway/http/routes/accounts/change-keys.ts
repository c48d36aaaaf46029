import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { KeyService } from '../../../services/accounts/keys.ts'
import { clientOf } from '../../access.ts'
import { KeyDto, toKeyDto } from '../../schemas/accounts/key.ts'
import { KeyChange, toKeySettings } from '../../schemas/accounts/key-request.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'
import { KeyParams } from './keys.ts'

export const changeKeysRoutes: FastifyPluginAsyncZod<{ keys: KeyService }> = async (app, { keys }) => {
  app.patch('/keys/:id', {
    config: { access: 'admin' },
    schema: {
      operationId: 'updateKey',
      tags: ['keys'],
      summary: 'Change the permissions and limits of a key',
      description:
        'Applies to the next request. Narrower permissions also apply to queued generations that have not been sent.',
      params: KeyParams,
      body: KeyChange,
      response: {
        200: answer('The key.', KeyDto),
        ...problems(...keyed, ...unreadableBody, 'not_found', 'conflict'),
      },
    },
    async handler(request): Promise<KeyDto> {
      return toKeyDto(await keys.update(clientOf(request), request.params.id, toKeySettings(request.body)))
    },
  })

  app.delete('/keys/:id', {
    config: { access: 'admin' },
    schema: {
      operationId: 'revokeKey',
      tags: ['keys'],
      summary: 'Revoke a key',
      description:
        'Takes effect immediately and cannot be undone. Objects created with the key remain, and running generations continue.',
      params: KeyParams,
      response: {
        204: z.null().meta({ description: 'The key is revoked.' }),
        ...problems(...keyed, 'not_found', 'conflict'),
      },
    },
    async handler(request, reply) {
      await keys.revoke(clientOf(request), request.params.id)
      return reply.code(204).send(null)
    },
  })
}
