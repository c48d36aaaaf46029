import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { KeyService } from '../../../services/accounts/keys.ts'
import { clientOf } from '../../access.ts'
import { keyId } from '../../schemas/fields.ts'
import { KeyDto, KeyPage, toKeyDto } from '../../schemas/accounts/key.ts'
import { limit, toPage } from '../../schemas/paging.ts'
import type { Page } from '../../schemas/paging.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'

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

  app.get('/keys/me', {
    config: { access: 'operations' },
    schema: {
      operationId: 'getOwnKey',
      tags: ['keys'],
      summary: 'Get the key of this request',
      description: 'Returns the permissions and limits of the key, and how much of them is used.',
      response: { 200: answer('The key.', KeyDto), ...problems(...keyed) },
    },
    async handler(request): Promise<KeyDto> {
      return toKeyDto(await keys.get(clientOf(request).keyId))
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
}
