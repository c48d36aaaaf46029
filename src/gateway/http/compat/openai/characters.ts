import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Character } from '../../../domain/characters/character.ts'
import type { CharacterService } from '../../../services/characters/characters.ts'
import type { MediaIntake } from '../../../services/media/media-intake.ts'
import { clientOf } from '../../access.ts'
import { readForm } from '../../bodies/form.ts'
import { characterId } from '../../schemas/fields.ts'
import { answer, unreadableBody } from '../../schemas/problem.ts'
import { createUploads } from '../../bodies/uploads.ts'
import { parse, validationFailed } from '../../requests/validation.ts'
import { nameAs } from '../character-handle.ts'
import { labelOf } from './prompt.ts'
import { OpenaiCharacterForm } from './requests.ts'
import { OpenaiCharacter, openaiErrors } from './schemas.ts'
import { openaiKeyed } from './videos.ts'

const formPlan = { file: 'video', accept: ['video'] as const, json: [], numbers: [] }

function toOpenaiCharacter(character: Character): OpenaiCharacter {
  const { id, createdAt } = character
  return { id, name: labelOf(character), created_at: Math.floor(createdAt / 1000) }
}

/** Make and look up a character (docs/vendors/openai-videos.md#characters); register them where @fastify/multipart is. */
export const openaiCharactersRoutes: FastifyPluginAsyncZod<{
  characters: CharacterService
  intake: MediaIntake
}> = async (app, { characters, intake }) => {
  app.post('/v1/videos/characters', {
    config: { access: 'generate', bodies: { 'multipart/form-data': OpenaiCharacterForm } },
    schema: {
      operationId: 'openaiCreateCharacter',
      tags: ['openai'],
      summary: 'Create a character',
      description:
        'Creates a regular gateway character. A handle that is not in use is derived from its name.',
      response: {
        200: answer('The created character.', OpenaiCharacter),
        ...openaiErrors(...openaiKeyed, ...unreadableBody, 'not_media', 'name_taken'),
      },
    },
    async handler(request): Promise<OpenaiCharacter> {
      const client = clientOf(request)
      const uploads = createUploads(intake, request.log)
      try {
        const multipart = request.isMultipart()
        const form = multipart ? await readForm(request, formPlan, uploads) : null
        const { name } = parse(OpenaiCharacterForm.omit({ video: true }), form?.fields ?? request.body)
        if (form === null || form.file === null)
          throw validationFailed([{ pointer: '/video', detail: 'is required, as a file in a form' }])
        const { fileName, stored } = form.file
        const { character } = await characters.create(client, {
          ...(await nameAs(characters, client, name)),
          description: '',
          source: { type: 'upload', fileName, stored },
          voice: null,
          clip: null,
        })
        uploads.keep()
        return toOpenaiCharacter(character)
      } finally {
        await uploads.discardUnkept()
      }
    },
  })

  app.get('/v1/videos/characters/:id', {
    config: { access: 'read', polled: true },
    schema: {
      operationId: 'openaiGetCharacter',
      tags: ['openai'],
      summary: 'Get a character',
      params: z.object({ id: characterId }),
      response: {
        200: answer('The character.', OpenaiCharacter),
        ...openaiErrors(...openaiKeyed, 'not_found'),
      },
    },
    async handler(request): Promise<OpenaiCharacter> {
      const { character } = await characters.get(clientOf(request), request.params.id)
      return toOpenaiCharacter(character)
    },
  })
}
