import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { KeyService } from '../../../services/accounts/keys.ts'
import { clientOf } from '../../access.ts'
import { keyId } from '../../schemas/fields.ts'
import { KeyDto, KeyPage, toKeyDto } from '../../schemas/accounts/key.ts'
import { KeyChange, toKeySettings } from '../../schemas/accounts/key-request.ts'
import { limit, toPage } from '../../schemas/paging.ts'
import type { Page } from '../../schemas/paging.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'

export const KeyParams = z.object({ id: keyId })

const listQuery = z.strictObject({
  limit,
  cursor: keyId.optional().meta({ description: 'The `next_cursor` of the previous page.' }),
})

export const keysRoutes: FastifyPluginAsyncZod<{ keys: KeyService }> = async (app, { keys }) => {
  app.get('/keys', {
    config: { access: 'admin' },
    schema: {
      operationId: 'listKeys',
      tags: ['keys'],
      summary: 'List keys',
      description:
        'Returns keys created with this API, newest first and including revoked ones, followed by the keys of the configuration.',
      querystring: listQuery,
      response: { 200: answer('One page.', KeyPage), ...problems(...keyed, 'validation_failed') },
    },
    async handler(request): Promise<Page<KeyDto>> {
      const { cursor: before = null, limit: count } = request.query
      const { data, hasMore } = await keys.list({ before, limit: count })
      return toPage(data.map(toKeyDto), hasMore)
    },
  })

  app.get('/keys/:id', {
    config: { access: 'admin' },
    schema: {
      operationId: 'getKey',
      tags: ['keys'],
      summary: 'Get a key',
      params: KeyParams,
      response: { 200: answer('The key.', KeyDto), ...problems(...keyed, 'not_found') },
    },
    async handler(request): Promise<KeyDto> {
      return toKeyDto(await keys.get(request.params.id))
    },
  })

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
