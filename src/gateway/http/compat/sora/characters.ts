import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Client } from '../../../domain/accounts/client.ts'
import type { CharacterId } from '../../../domain/ids.ts'
import { Problem } from '../../../domain/problem.ts'
import type { CharacterInput, CharacterService } from '../../../services/characters/characters.ts'
import { clientOf } from '../../access.ts'
import { answer, unreadableBody } from '../../schemas/problem.ts'
import { parse, validationFailed } from '../../requests/validation.ts'
import { nameAs } from '../character-handle.ts'
import { labelOf } from '../openai/prompt.ts'
import { openaiErrors } from '../openai/schemas.ts'
import { openaiKeyed } from '../openai/videos.ts'
import { SoraCharacterId, SoraCharacterList, SoraCharacterRequest, SoraExtractRequest } from './schemas.ts'

const pageSize = 100
const mostPages = 10

async function create(
  characters: CharacterService,
  client: Client,
  { name, description = '' }: { name: string; description?: string | undefined },
  source: CharacterInput['source'],
): Promise<SoraCharacterId> {
  const named = await nameAs(characters, client, name)
  const { character } = await characters.create(client, {
    ...named,
    description,
    source,
    voice: null,
    clip: null,
  })
  return { character_id: character.id }
}

/** Characters of docs/vendors/resellers.md#the-sora-tasks-protocol: from a URL, from a finished task, and the list of them. */
export const soraCharactersRoutes: FastifyPluginAsyncZod<{ characters: CharacterService }> = async (
  app,
  { characters },
) => {
  app.post('/v1/sora/characters', {
    config: { access: 'generate', bodies: { 'application/json': SoraCharacterRequest } },
    schema: {
      operationId: 'soraCreateCharacter',
      tags: ['reseller'],
      summary: 'Create a character from a video URL',
      response: {
        200: answer('The created character.', SoraCharacterId),
        ...openaiErrors(
          ...openaiKeyed,
          ...unreadableBody,
          'url_forbidden',
          'url_unreachable',
          'not_media',
          'name_taken',
        ),
      },
    },
    async handler(request): Promise<SoraCharacterId> {
      const body = parse(SoraCharacterRequest, request.body)
      return create(characters, clientOf(request), body, { type: 'url', url: body.video_url })
    },
  })

  app.post('/v1/sora/characters/extract', {
    config: { access: 'generate', bodies: { 'application/json': SoraExtractRequest } },
    schema: {
      operationId: 'soraExtractCharacter',
      tags: ['reseller'],
      summary: 'Create a character from a completed task',
      response: {
        200: answer('The created character.', SoraCharacterId),
        ...openaiErrors(...openaiKeyed, ...unreadableBody, 'not_found', 'video_gone', 'name_taken'),
      },
    },
    async handler(request): Promise<SoraCharacterId> {
      const { task_id: generationId, name } = parse(SoraExtractRequest, request.body)
      try {
        return await create(characters, clientOf(request), { name }, { type: 'generation', generationId })
      } catch (error) {
        // Their 404 means that the task is gone, and a client would stop asking.
        if (!(error instanceof Problem) || error.code !== 'video_not_ready') throw error
        throw validationFailed([{ pointer: '/task_id', detail: 'is not a completed task' }])
      }
    },
  })

  app.get('/v1/sora/characters', {
    config: { access: 'read' },
    schema: {
      operationId: 'soraListCharacters',
      tags: ['reseller'],
      summary: 'List characters',
      response: { 200: answer('All characters.', SoraCharacterList), ...openaiErrors(...openaiKeyed) },
    },
    async handler(request): Promise<SoraCharacterList> {
      const client = clientOf(request)
      const found: SoraCharacterList['characters'] = []
      let before: CharacterId | null = null
      for (let page = 0; page < mostPages; page++) {
        const { data, hasMore } = await characters.list(client, { search: null, before, limit: pageSize })
        for (const { character } of data) {
          const { id, description } = character
          found.push({ character_id: id, name: labelOf(character), description })
          before = id
        }
        if (!hasMore) break
      }
      return { characters: found }
    },
  })
}
