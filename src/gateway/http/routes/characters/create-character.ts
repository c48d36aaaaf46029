import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { CharacterService } from '../../../services/characters/characters.ts'
import type { MediaIntake } from '../../../services/media/media-intake.ts'
import { clientOf } from '../../access.ts'
import { readCharacterInput } from '../../requests/character-input.ts'
import { CharacterForm, CharacterRequest } from '../../schemas/characters/character-request.ts'
import { CharacterDto, toCharacterOutlookDto } from '../../schemas/characters/character.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'
import { createUploads } from '../../bodies/uploads.ts'

const bodies = { 'application/json': CharacterRequest, 'multipart/form-data': CharacterForm }

/** `POST /characters`; register it where @fastify/multipart is. */
export const createCharacterRoute: FastifyPluginAsyncZod<{
  characters: CharacterService
  intake: MediaIntake
}> = async (app, { characters, intake }) => {
  app.post('/characters', {
    config: { access: 'generate', bodies },
    schema: {
      operationId: 'createCharacter',
      tags: ['characters'],
      summary: 'Create a character',
      description: 'The source is a clip at a URL, a completed generation, an uploaded file, or pictures.',
      response: {
        201: answer('The created character.', CharacterDto),
        ...problems(
          ...keyed,
          ...unreadableBody,
          'not_found',
          'name_taken',
          'video_not_ready',
          'video_gone',
          'url_forbidden',
          'url_unreachable',
          'not_media',
          'storage_full',
        ),
      },
    },
    async handler(request, reply): Promise<CharacterDto> {
      const uploads = createUploads(intake, request.log)
      try {
        const input = await readCharacterInput(request, uploads)
        const made = await characters.create(clientOf(request), input)
        uploads.keep()
        reply.code(201).header('location', `/characters/${made.character.id}`)
        return toCharacterOutlookDto(made)
      } finally {
        await uploads.discardUnkept()
      }
    },
  })
}
