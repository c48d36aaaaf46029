import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { CharacterService } from '../../../services/characters/characters.ts'
import { clientOf } from '../../access.ts'
import { BindingRequest } from '../../schemas/characters/character-request.ts'
import { CharacterDto, toCharacterOutlookDto } from '../../schemas/characters/character.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'
import { parse } from '../../requests/validation.ts'
import { CharacterParams } from './characters.ts'

export const characterBindingsRoutes: FastifyPluginAsyncZod<{ characters: CharacterService }> = async (
  app,
  { characters },
) => {
  app.post('/characters/:id/bindings', {
    config: { access: 'generate', bodies: { 'application/json': BindingRequest } },
    schema: {
      operationId: 'bindCharacter',
      tags: ['characters'],
      summary: 'Bind a character to upstreams now',
      description:
        'Without this call, a binding is created when a generation first needs it. Failed and revoked bindings are created again. A binding that takes longer is returned as `pending`.',
      params: CharacterParams,
      response: {
        200: answer('The character with its bindings.', CharacterDto),
        ...problems(...keyed, ...unreadableBody, 'not_found', 'held_after_restore', 'paused'),
      },
    },
    async handler(request): Promise<CharacterDto> {
      const { upstreams = null } = parse(BindingRequest, request.body ?? {})
      return toCharacterOutlookDto(await characters.bind(clientOf(request), request.params.id, upstreams))
    },
  })
}
