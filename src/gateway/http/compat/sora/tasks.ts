import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Generation } from '../../../domain/generation/generation.ts'
import type { GenerationId } from '../../../domain/ids.ts'
import type { GenerationInput, GenerationService } from '../../../services/generations/generations.ts'
import type { ShareVideo } from '../../../services/generations/share-video.ts'
import { clientOf } from '../../access.ts'
import { toSize } from '../../requests/generation-input.ts'
import { IdempotencyHeaders, idempotencyOf, notOnce, noteReplay } from '../../requests/idempotency-key.ts'
import { answer, unreadableBody } from '../../schemas/problem.ts'
import { parse } from '../../requests/validation.ts'
import { openaiErrors } from '../openai/schemas.ts'
import { VideoParams, openaiKeyed } from '../openai/videos.ts'
import { RoutingHeaders, readRouting } from '../routing-headers.ts'
import { SoraGenerateRequest, SoraTask, SoraTicket } from './schemas.ts'
import { toSoraTask } from './task.ts'

function ticket(id: GenerationId): SoraTicket {
  return { task_id: id, status: 'processing' }
}

/** Generate and tasks of docs/vendors/resellers.md#the-sora-tasks-protocol. */
export const soraTasksRoutes: FastifyPluginAsyncZod<{
  generations: GenerationService
  shareVideo: ShareVideo
}> = async (app, { generations, shareVideo }) => {
  app.post('/v1/sora/generate', {
    config: { access: 'generate', bodies: { 'application/json': SoraGenerateRequest } },
    schema: {
      operationId: 'soraGenerate',
      tags: ['reseller'],
      summary: 'Generate a video',
      description:
        'Follows the `sora-tasks` protocol of resellers. The task is a regular generation with the same ID.',
      headers: RoutingHeaders.extend(IdempotencyHeaders.shape),
      response: {
        200: answer('The accepted task.', SoraTicket),
        ...openaiErrors(
          ...openaiKeyed,
          ...unreadableBody,
          'character_not_found',
          'no_upstream',
          'budget_exceeded',
          'conflict',
          'too_many_in_flight',
          ...notOnce,
        ),
      },
    },
    async handler(request, reply): Promise<SoraTicket> {
      const asked = parse(SoraGenerateRequest, request.body)
      const { routing, model } = readRouting(request.headers, asked.model ?? null)
      const idempotency = idempotencyOf(request, { asked, routing })
      const input: GenerationInput = {
        prompt: asked.prompt,
        model,
        durationSeconds: asked.duration ?? null,
        size: asked.size === undefined ? null : toSize(asked.size),
        reference: null,
        routing,
        webhookUrl: null,
        webhookEvents: null,
        metadata: {},
      }
      const render = ({ id }: Generation) => JSON.stringify(ticket(id))
      const submitted = await generations.submit(clientOf(request), { input, idempotency, render })
      noteReplay(reply, submitted.type === 'replayed')
      if (submitted.type === 'replayed') return SoraTicket.parse(JSON.parse(submitted.response))
      return ticket(submitted.generation.id)
    },
  })

  app.get('/v1/sora/tasks/:id', {
    config: { access: 'read', polled: true },
    schema: {
      operationId: 'soraGetTask',
      tags: ['reseller'],
      summary: 'Get a task',
      params: VideoParams,
      response: { 200: answer('The task.', SoraTask), ...openaiErrors(...openaiKeyed, 'not_found') },
    },
    async handler(request): Promise<SoraTask> {
      return toSoraTask(await generations.get(clientOf(request), request.params.id), shareVideo)
    },
  })
}
