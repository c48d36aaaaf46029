import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { CharacterService } from '../../../services/characters/characters.ts'
import { clientOf } from '../../access.ts'
import { CharacterChange } from '../../schemas/characters/character-request.ts'
import {
  CharacterDto,
  CharacterPage,
  toCharacterDto,
  toCharacterOutlookDto,
} from '../../schemas/characters/character.ts'
import { characterId, characterRef, text } from '../../schemas/fields.ts'
import { limit, toPage } from '../../schemas/paging.ts'
import type { Page } from '../../schemas/paging.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'

export const CharacterParams = z.object({
  id: characterRef.meta({ description: 'The ID or the name of the character.', examples: ['coffee_girl'] }),
})

const listQuery = z.strictObject({
  search: text(200).optional().meta({ description: 'Words to find in the name or the description.' }),
  limit,
  cursor: characterId.optional().meta({ description: 'The `next_cursor` of the previous page.' }),
})

/** The character registry, except creating and binding. */
export const charactersRoutes: FastifyPluginAsyncZod<{ characters: CharacterService }> = async (
  app,
  { characters },
) => {
  app.get('/characters', {
    config: { access: 'read' },
    schema: {
      operationId: 'listCharacters',
      tags: ['characters'],
      summary: 'List characters',
      querystring: listQuery,
      response: {
        200: answer('One page, newest first.', CharacterPage),
        ...problems(...keyed, 'validation_failed'),
      },
    },
    async handler(request): Promise<Page<CharacterDto>> {
      const { search = null, cursor: before = null, limit: count } = request.query
      const page = await characters.list(clientOf(request), { search, before, limit: count })
      return toPage(page.data.map(toCharacterDto), page.hasMore)
    },
  })

  app.get('/characters/:id', {
    config: { access: 'read', polled: true },
    schema: {
      operationId: 'getCharacter',
      tags: ['characters'],
      summary: 'Get a character by ID or name',
      params: CharacterParams,
      response: { 200: answer('The character.', CharacterDto), ...problems(...keyed, 'not_found') },
    },
    async handler(request): Promise<CharacterDto> {
      return toCharacterOutlookDto(await characters.get(clientOf(request), request.params.id))
    },
  })

  app.patch('/characters/:id', {
    config: { access: 'generate' },
    schema: {
      operationId: 'updateCharacter',
      tags: ['characters'],
      summary: 'Update the name or description of a character',
      description: 'Generations that were accepted before the change keep the previous values.',
      params: CharacterParams,
      body: CharacterChange,
      response: {
        200: answer('The character.', CharacterDto),
        ...problems(...keyed, ...unreadableBody, 'not_found', 'name_taken'),
      },
    },
    async handler(request): Promise<CharacterDto> {
      const { name = null, description = null } = request.body
      const change = { name, description }
      return toCharacterOutlookDto(await characters.update(clientOf(request), request.params.id, change))
    },
  })

  app.delete('/characters/:id', {
    config: { access: 'generate' },
    schema: {
      operationId: 'deleteCharacter',
      tags: ['characters'],
      summary: 'Delete a character, its clip and its bindings',
      params: CharacterParams,
      response: {
        204: z.null().meta({ description: 'The character was deleted.' }),
        ...problems(...keyed, 'not_found'),
      },
    },
    async handler(request, reply) {
      await characters.remove(clientOf(request), request.params.id)
      return reply.code(204).send(null)
    },
  })
}
