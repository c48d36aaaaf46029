import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { extensionOf } from '../../../domain/media-kind.ts'
import type { CharacterService } from '../../../services/characters/characters.ts'
import { clientOf } from '../../access.ts'
import { headAnswers, pictureAnswers, videoAnswers } from '../../schemas/generations/media-answers.ts'
import { conditionalHeaders, mediaCacheControl, rangeHeaders } from '../../schemas/generations/media.ts'
import { keyed, problems } from '../../schemas/problem.ts'
import { sendPicture } from '../../answers/send-picture.ts'
import { serveMedia } from '../../answers/serve-media.ts'
import { CharacterParams } from './characters.ts'

/** A name can refer to another character later, so caches must revalidate. By ID, a clip never changes. */
function cacheControlFor(idOrName: string): string {
  return idOrName.startsWith('char_') ? mediaCacheControl : 'private, no-cache'
}

const thumbnailSchema = {
  tags: ['characters'],
  summary: 'Get the first frame of the source clip',
  params: CharacterParams,
  headers: conditionalHeaders,
  response: { ...pictureAnswers, ...problems(...keyed, 'not_found', 'video_gone') },
}

export const characterMediaRoutes: FastifyPluginAsyncZod<{ characters: CharacterService }> = async (
  app,
  { characters },
) => {
  async function sendClip(idOrName: string, request: FastifyRequest, reply: FastifyReply) {
    const { clip, media } = await characters.clip(clientOf(request), idOrName)
    const face = {
      etag: `"${clip.sha256}"`,
      cacheControl: cacheControlFor(idOrName),
      fileName: `${idOrName}.${extensionOf(clip.contentType)}`,
    }
    return serveMedia(media, face, request, reply)
  }

  app.get('/characters/:id/clip', {
    config: { access: 'read' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'getClip',
      tags: ['characters'],
      summary: 'Download the source clip of a character',
      params: CharacterParams,
      headers: rangeHeaders,
      response: {
        ...videoAnswers,
        ...problems(...keyed, 'not_found', 'video_gone', 'range_not_satisfiable'),
      },
    },
    handler: (request, reply) => sendClip(request.params.id, request, reply),
  })

  app.head('/characters/:id/clip', {
    config: { access: 'read' },
    schema: {
      operationId: 'headClip',
      tags: ['characters'],
      summary: 'Get the headers of the source clip',
      params: CharacterParams,
      headers: conditionalHeaders,
      response: {
        ...headAnswers,
        ...problems(...keyed, 'not_found', 'video_gone'),
      },
    },
    handler: (request, reply) => sendClip(request.params.id, request, reply),
  })

  async function sendThumbnail(idOrName: string, request: FastifyRequest, reply: FastifyReply) {
    const picture = await characters.thumbnail(clientOf(request), idOrName)
    return sendPicture(picture, request, reply, cacheControlFor(idOrName))
  }

  app.get('/characters/:id/thumbnail', {
    config: { access: 'read' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'getCharacterThumbnail',
      ...thumbnailSchema,
    },
    handler: (request, reply) => sendThumbnail(request.params.id, request, reply),
  })

  app.get('/characters/:id/poster', {
    config: { access: 'read' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'getPoster',
      ...thumbnailSchema,
      description: 'Use `GET /characters/{id}/thumbnail`.',
      deprecated: true,
    },
    handler: (request, reply) => sendThumbnail(request.params.id, request, reply),
  })
}
