import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { isTerminal } from '../../../domain/generation/liveness.ts'
import type { ProblemCode } from '../../../domain/problem.ts'
import { everyGeneration } from '../../../domain/generation/search/generation-filter.ts'
import type { GenerationViews } from '../../../services/generations/generation-views.ts'
import type { GenerationService } from '../../../services/generations/generations.ts'
import { clientOf } from '../../access.ts'
import { generationId } from '../../schemas/fields.ts'
import { answer, keyed } from '../../schemas/problem.ts'
import { validationFailed } from '../../requests/validation.ts'
import { OpenaiVideo, OpenaiVideoDeleted, OpenaiVideoList, openaiErrors } from './schemas.ts'
import { pollAfterMs, toOpenaiVideo } from './video.ts'

export const VideoParams = z.object({ id: generationId })

/** What every operation of this surface can answer. */
export const openaiKeyed: ProblemCode[] = [...keyed, 'storage_full']

const listQuery = z.object({
  limit: z.coerce.number().int().min(0).max(100).default(20),
  order: z.enum(['asc', 'desc']).default('desc').meta({ description: 'Sort order by creation time.' }),
  after: generationId.optional().meta({ description: 'The `last_id` of the previous page.' }),
})

/**
 * Retrieve, list and delete (docs/vendors/openai-videos.md#video-object, docs/vendors/openai-videos.md#list-videos,
 * docs/vendors/openai-videos.md#delete-a-video). Whatever was made here is listed, by whichever surface.
 */
export const openaiVideosRoutes: FastifyPluginAsyncZod<{
  generations: GenerationService
  views: GenerationViews
}> = async (app, { generations, views }) => {
  app.get('/v1/videos', {
    config: { access: 'read' },
    schema: {
      operationId: 'openaiListVideos',
      tags: ['openai'],
      summary: 'List videos',
      querystring: listQuery,
      response: {
        200: answer('One page.', OpenaiVideoList),
        ...openaiErrors(...openaiKeyed, 'validation_failed'),
      },
    },
    async handler(request): Promise<OpenaiVideoList> {
      const { limit, order, after: before = null } = request.query
      const client = clientOf(request)
      const page = await views.list(client, {
        filter: { ...everyGeneration, tenant: client.tenant },
        before,
        limit: Math.max(1, limit),
        oldestFirst: order === 'asc',
      })
      const data = limit === 0 ? [] : page.data.map(toOpenaiVideo)
      return {
        object: 'list',
        data,
        first_id: data[0]?.id ?? null,
        last_id: data.at(-1)?.id ?? null,
        has_more: page.next !== null || data.length < page.data.length,
      }
    },
  })

  app.get('/v1/videos/:id', {
    config: { access: 'read', polled: true },
    schema: {
      operationId: 'openaiRetrieveVideo',
      tags: ['openai'],
      summary: 'Retrieve a video',
      description: 'Until the video is finished, the header `openai-poll-after-ms` says when to poll again.',
      params: VideoParams,
      response: {
        200: answer('The video.', OpenaiVideo),
        ...openaiErrors(...openaiKeyed, 'not_found'),
      },
    },
    async handler(request, reply): Promise<OpenaiVideo> {
      const generation = await generations.get(clientOf(request), request.params.id)
      if (!isTerminal(generation)) reply.header('openai-poll-after-ms', pollAfterMs)
      return toOpenaiVideo(generation)
    },
  })

  app.delete('/v1/videos/:id', {
    config: { access: 'generate' },
    schema: {
      operationId: 'openaiDeleteVideo',
      tags: ['openai'],
      summary: 'Delete a completed or failed video',
      params: VideoParams,
      response: {
        200: answer('The video was deleted.', OpenaiVideoDeleted),
        ...openaiErrors(...openaiKeyed, 'validation_failed', 'not_found', 'conflict'),
      },
    },
    async handler(request): Promise<z.output<typeof OpenaiVideoDeleted>> {
      const client = clientOf(request)
      const { id } = request.params
      if (!isTerminal(await generations.get(client, id))) {
        const detail = 'is not finished: only a completed or failed video can be deleted'
        throw validationFailed([{ pointer: '#/path/video_id', detail }])
      }
      await generations.remove(client, id)
      return { id, object: 'video.deleted', deleted: true }
    },
  })
}
