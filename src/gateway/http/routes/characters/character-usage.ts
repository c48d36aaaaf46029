import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { CharacterService } from '../../../services/characters/characters.ts'
import { clientOf } from '../../access.ts'
import { CharacterUsageDto, toCharacterUsageDto } from '../../schemas/characters/character-usage.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'
import { CharacterParams } from './characters.ts'

export const characterUsageRoutes: FastifyPluginAsyncZod<{ characters: CharacterService }> = async (
  app,
  { characters },
) => {
  app.get('/characters/:id/usage', {
    config: { access: 'read' },
    schema: {
      operationId: 'getCharacterUsage',
      tags: ['characters'],
      summary: 'Get the videos, costs and scores of a character',
      description: 'In total and by upstream, since the character was created.',
      params: CharacterParams,
      response: {
        200: answer('The figures.', CharacterUsageDto),
        ...problems(...keyed, 'not_found'),
      },
    },
    handler: async (request): Promise<CharacterUsageDto> =>
      toCharacterUsageDto(await characters.usage(clientOf(request), request.params.id)),
  })
}
