import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { extensionOf } from '../../../domain/media-kind.ts'
import type { GenerationId } from '../../../domain/ids.ts'
import type { GenerationViews } from '../../../services/generations/generation-views.ts'
import type { GenerationService } from '../../../services/generations/generations.ts'
import { clientOf } from '../../access.ts'
import {
  headAnswers,
  movedToStorage,
  pictureAnswers,
  videoAnswers,
} from '../../schemas/generations/media-answers.ts'
import { conditionalHeaders, mediaCacheControl, rangeHeaders } from '../../schemas/generations/media.ts'
import { keyed, problems } from '../../schemas/problem.ts'
import { mayBeRedirected, redirectToStorage } from '../../answers/redirect-to-storage.ts'
import { sendPicture } from '../../answers/send-picture.ts'
import { serveMedia } from '../../answers/serve-media.ts'
import { GenerationParams } from './generations.ts'

export const generationMediaRoutes: FastifyPluginAsyncZod<{
  generations: GenerationService
  views: GenerationViews
}> = async (app, { generations, views }) => {
  async function sendVideo(id: GenerationId, request: FastifyRequest, reply: FastifyReply) {
    const { as } = await views.open(clientOf(request), id, 'video')
    const { asset, media, link } = await generations.video(as, id)
    const fileName = `${id}.${extensionOf(media.contentType)}`
    const face = { etag: `"${asset.sha256}"`, cacheControl: mediaCacheControl, fileName }
    if (link !== null && mayBeRedirected(request, face.etag))
      return redirectToStorage(await link(fileName), reply)
    return serveMedia(media, face, request, reply)
  }

  app.get('/generations/:id/video', {
    config: { access: 'view' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'getVideo',
      tags: ['generations'],
      summary: 'Download the video of a generation',
      params: GenerationParams,
      headers: rangeHeaders,
      response: {
        ...videoAnswers,
        302: movedToStorage,
        ...problems(...keyed, 'not_found', 'video_not_ready', 'video_gone', 'range_not_satisfiable'),
      },
    },
    handler: (request, reply) => sendVideo(request.params.id, request, reply),
  })

  app.head('/generations/:id/video', {
    config: { access: 'view' },
    schema: {
      operationId: 'headVideo',
      tags: ['generations'],
      summary: 'Get the headers of the video',
      params: GenerationParams,
      headers: conditionalHeaders,
      response: {
        ...headAnswers,
        ...problems(...keyed, 'not_found', 'video_not_ready', 'video_gone'),
      },
    },
    handler: (request, reply) => sendVideo(request.params.id, request, reply),
  })

  app.get('/generations/:id/thumbnail', {
    config: { access: 'view' },
    schema: {
      operationId: 'getThumbnail',
      tags: ['generations'],
      summary: 'Get the first frame of the video',
      params: GenerationParams,
      headers: conditionalHeaders,
      response: {
        ...pictureAnswers,
        ...problems(...keyed, 'not_found', 'video_not_ready', 'video_gone'),
      },
    },
    async handler(request, reply) {
      const { id } = request.params
      const { as } = await views.open(clientOf(request), id, 'thumbnail')
      const picture = await generations.thumbnail(as, id)
      return sendPicture(picture, request, reply)
    },
  })
}
