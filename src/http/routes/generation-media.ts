import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { GenerationId } from '../../domain/ids.ts'
import type { GenerationService } from '../../services/generations.ts'
import { clientOf } from '../access.ts'
import { matchesEtag } from '../range.ts'
import { answer, keyed, problems } from '../schemas/problem.ts'
import { serveMedia } from '../serve-media.ts'
import { GenerationParams } from './generations.ts'

/** An archived file never changes under its URL. */
const cacheControl = 'private, max-age=31536000, immutable'

const binary = z.string().meta({ format: 'binary' })

const conditionalHeaders = z.looseObject({
  'if-none-match': z.string().optional().meta({ description: 'An `ETag` had before.' }),
})

const rangeHeaders = conditionalHeaders.extend({
  range: z
    .string()
    .optional()
    .meta({ description: 'One range of bytes.', examples: ['bytes=0-1048575'] }),
  'if-range': z.string().optional().meta({ description: 'The `ETag` that `Range` is about.' }),
})

const notModified = z.null().meta({ description: 'The caller has it already.' })

function extensionOf(contentType: string): string {
  return contentType === 'video/webm' ? 'webm' : contentType === 'video/quicktime' ? 'mov' : 'mp4'
}

export const generationMediaRoutes: FastifyPluginAsyncZod<{ generations: GenerationService }> = async (
  app,
  { generations },
) => {
  async function sendVideo(id: GenerationId, request: FastifyRequest, reply: FastifyReply) {
    const { asset, media } = await generations.video(clientOf(request), id)
    const fileName = `${id}.${extensionOf(media.contentType)}`
    return serveMedia(media, { etag: `"${asset.sha256}"`, cacheControl, fileName }, request, reply)
  }

  async function sendPicture(id: GenerationId, request: FastifyRequest, reply: FastifyReply) {
    const picture = await generations.thumbnail(clientOf(request), id)
    const etag = `"${picture.etag}"`
    reply.headers({ etag, 'cache-control': cacheControl, 'x-content-type-options': 'nosniff' })
    if (matchesEtag(request.headers['if-none-match'], etag)) return reply.code(304).send()
    return reply.type(picture.contentType).send(picture.bytes)
  }

  app.get('/generations/:id/video', {
    config: { access: 'read' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'getVideo',
      tags: ['generations'],
      summary: 'Download the video',
      params: GenerationParams,
      headers: rangeHeaders,
      response: {
        200: answer('The whole file.', binary, 'video/mp4'),
        206: answer('The range asked for.', binary, 'video/mp4'),
        304: notModified,
        ...problems(...keyed, 'not_found', 'video_not_ready', 'video_gone', 'range_not_satisfiable'),
      },
    },
    handler: (request, reply) => sendVideo(request.params.id, request, reply),
  })

  app.head('/generations/:id/video', {
    config: { access: 'read' },
    schema: {
      operationId: 'headVideo',
      tags: ['generations'],
      summary: 'The headers of the video',
      params: GenerationParams,
      headers: conditionalHeaders,
      response: {
        200: z.null().meta({ description: 'As `GET` would answer, without the file.' }),
        304: notModified,
        ...problems(...keyed, 'not_found', 'video_not_ready', 'video_gone'),
      },
    },
    handler: (request, reply) => sendVideo(request.params.id, request, reply),
  })

  app.get('/generations/:id/thumbnail', {
    config: { access: 'read' },
    schema: {
      operationId: 'getThumbnail',
      tags: ['generations'],
      summary: 'The first frame as a picture',
      params: GenerationParams,
      headers: conditionalHeaders,
      response: {
        200: answer('A WebP picture.', binary, 'image/webp'),
        304: notModified,
        ...problems(...keyed, 'not_found', 'video_not_ready', 'video_gone'),
      },
    },
    handler: (request, reply) => sendPicture(request.params.id, request, reply),
  })
}
