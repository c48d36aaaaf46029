import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { CharacterService } from '../../../services/characters/characters.ts'
import type { MediaIntake } from '../../../services/media/media-intake.ts'
import { clientOf } from '../../access.ts'
import { serveMedia } from '../../answers/serve-media.ts'
import { createUploads } from '../../bodies/uploads.ts'
import { readStillsInput } from '../../requests/character-input.ts'
import { StillsForm, StillsRequest } from '../../schemas/characters/character-request.ts'
import { StillsDto, toStillsDto } from '../../schemas/characters/character-stills.ts'
import { binary, conditionalHeaders, notModified } from '../../schemas/generations/media.ts'
import { answer, answerAs, keyed, problems, unreadableBody } from '../../schemas/problem.ts'
import { CharacterParams } from './characters.ts'

const bodies = { 'application/json': StillsRequest, 'multipart/form-data': StillsForm }
const StillParams = CharacterParams.extend({
  number: z.coerce
    .number<string>()
    .int()
    .min(1)
    .max(99)
    .meta({ description: 'The position of the picture; the first is 1.', examples: [1] }),
})

/** The pictures for upstreams that take no clip; register it where @fastify/multipart is. */
export const characterStillsRoutes: FastifyPluginAsyncZod<{
  characters: CharacterService
  intake: MediaIntake
}> = async (app, { characters, intake }) => {
  app.get('/characters/:id/stills', {
    config: { access: 'read' },
    schema: {
      operationId: 'getStills',
      tags: ['characters'],
      summary: 'Get the stills of a character',
      description:
        'Stills are the pictures for upstreams that take no clip. They are cut from the clip when they are first needed: sharp frames that differ from each other, the sharpest first.',
      params: CharacterParams,
      response: { 200: answer('The stills.', StillsDto), ...problems(...keyed, 'not_found', 'video_gone') },
    },
    handler: async (request): Promise<StillsDto> =>
      toStillsDto(await characters.stills(clientOf(request), request.params.id)),
  })

  app.put('/characters/:id/stills', {
    config: { access: 'generate', bodies },
    schema: {
      operationId: 'putStills',
      tags: ['characters'],
      summary: 'Replace the stills of a character',
      description:
        'Later generations use these pictures. Bindings stay as they are; `bindCharacter` creates failed and revoked ones again.',
      params: CharacterParams,
      response: {
        200: answer('The stills.', StillsDto),
        ...problems(
          ...keyed,
          ...unreadableBody,
          'not_found',
          'url_forbidden',
          'url_unreachable',
          'not_media',
          'storage_full',
        ),
      },
    },
    async handler(request): Promise<StillsDto> {
      const uploads = createUploads(intake, request.log)
      try {
        const pictures = await readStillsInput(request, uploads)
        const replaced = await characters.replaceStills(clientOf(request), request.params.id, pictures)
        uploads.keep()
        return toStillsDto(replaced)
      } finally {
        await uploads.discardUnkept()
      }
    },
  })

  app.get('/characters/:id/stills/:number', {
    config: { access: 'read' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'getStill',
      tags: ['characters'],
      summary: 'Download a still of a character',
      params: StillParams,
      headers: conditionalHeaders,
      response: {
        200: answerAs('The picture.', {
          'image/jpeg': binary,
          'image/png': binary,
          'image/webp': binary,
        }),
        304: notModified,
        ...problems(...keyed, 'not_found', 'video_gone', 'range_not_satisfiable'),
      },
    },
    async handler(request, reply) {
      const { id, number } = request.params
      const { picture, media } = await characters.still(clientOf(request), id, number)
      // People may replace it.
      const face = { etag: `"${picture.sha256}"`, cacheControl: 'private, no-cache', fileName: null }
      return serveMedia(media, face, request, reply)
    },
  })
}
