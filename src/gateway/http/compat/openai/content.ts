import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { extensionOf } from '../../../domain/media-kind.ts'
import type { Generation } from '../../../domain/generation/generation.ts'
import type { GenerationId } from '../../../domain/ids.ts'
import { Problem } from '../../../domain/problem.ts'
import type { GenerationService } from '../../../services/generations/generations.ts'
import { clientOf } from '../../access.ts'
import { binary, videoContent } from '../../schemas/generations/media.ts'
import { answerAs } from '../../schemas/problem.ts'
import { sendPicture } from '../../answers/send-picture.ts'
import { serveMedia } from '../../answers/serve-media.ts'
import { validationFailed } from '../../requests/validation.ts'
import { openaiErrors } from './schemas.ts'
import { VideoParams, openaiKeyed } from './videos.ts'

const contentQuery = z.object({
  variant: z
    .enum(['video', 'thumbnail', 'spritesheet'])
    .default('video')
    .meta({ description: '`spritesheet` is not supported and returns a 400.' }),
})

const rangeHeaders = z.looseObject({
  range: z
    .string()
    .optional()
    .meta({ description: 'A single byte range.', examples: ['bytes=0-1048575'] }),
})

const cacheControl = 'private, max-age=31536000, immutable'

/** The protocol's sentence (docs/vendors/openai-videos.md#download-content): clients look for it. */
function assertReady({ video, status }: Generation): void {
  if (video !== null || status === 'failed' || status === 'cancelled') return
  throw new Problem(
    'video_not_ready',
    'Video is not ready yet, use GET /v1/videos/{video_id} to check status.',
  )
}

/** The bytes of a video or its picture (docs/vendors/openai-videos.md#download-content), from the archive. */
export const openaiContentRoutes: FastifyPluginAsyncZod<{ generations: GenerationService }> = async (
  app,
  { generations },
) => {
  async function send(
    id: GenerationId,
    variant: z.output<typeof contentQuery>['variant'],
    request: FastifyRequest,
    reply: FastifyReply,
  ) {
    const client = clientOf(request)
    if (variant === 'spritesheet') {
      const detail = 'spritesheet is not supported; use video or thumbnail'
      throw validationFailed([{ pointer: '#/query/variant', detail }])
    }
    assertReady(await generations.get(client, id))
    if (variant === 'thumbnail') {
      return sendPicture(await generations.thumbnail(client, id), request, reply, cacheControl)
    }
    const { asset, media } = await generations.video(client, id)
    const face = {
      etag: `"${asset.sha256}"`,
      cacheControl,
      fileName: `${id}.${extensionOf(media.contentType)}`,
    }
    return serveMedia(media, face, request, reply)
  }

  app.get('/v1/videos/:id/content', {
    config: { access: 'read' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'openaiDownloadVideo',
      tags: ['openai'],
      summary: 'Download a video or its thumbnail',
      params: VideoParams,
      querystring: contentQuery,
      headers: rangeHeaders,
      response: {
        200: answerAs('The complete file.', { ...videoContent, 'image/webp': binary }),
        206: answerAs('The requested range of a video.', videoContent),
        304: z.null().meta({ description: 'Not modified: the `ETag` matches.' }),
        ...openaiErrors(
          ...openaiKeyed,
          'validation_failed',
          'not_found',
          'video_not_ready',
          'video_gone',
          'range_not_satisfiable',
        ),
      },
    },
    handler: (request, reply) => send(request.params.id, request.query.variant, request, reply),
  })

  app.head('/v1/videos/:id/content', {
    config: { access: 'read' },
    schema: {
      operationId: 'openaiHeadVideo',
      tags: ['openai'],
      summary: 'Get the headers of a video or its thumbnail',
      params: VideoParams,
      querystring: contentQuery,
      response: {
        200: z.null().meta({ description: 'The headers that `GET` would return.' }),
        304: z.null().meta({ description: 'Not modified: the `ETag` matches.' }),
        ...openaiErrors(...openaiKeyed, 'validation_failed', 'not_found', 'video_not_ready', 'video_gone'),
      },
    },
    handler: (request, reply) => send(request.params.id, request.query.variant, request, reply),
  })
}
