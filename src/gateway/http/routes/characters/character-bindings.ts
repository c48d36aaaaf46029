import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { CharacterService } from '../../../services/characters/characters.ts'
import { clientOf } from '../../access.ts'
import { BindingRequest } from '../../schemas/characters/character-request.ts'
import { CharacterDto, toCharacterDto } from '../../schemas/characters/character.ts'
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
        'Otherwise the first generation that needs a binding makes it. One that failed or was revoked is made anew; one that takes its time is answered as `pending`.',
      params: CharacterParams,
      response: {
        200: answer('With its bindings.', CharacterDto),
        ...problems(...keyed, ...unreadableBody, 'not_found', 'held_after_restore'),
      },
    },
    async handler(request): Promise<CharacterDto> {
      const { upstreams = null } = parse(BindingRequest, request.body ?? {})
      return toCharacterDto(await characters.bind(clientOf(request), request.params.id, upstreams))
    },
  })
}
