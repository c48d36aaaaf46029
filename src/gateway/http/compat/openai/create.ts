import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Generation } from '../../../domain/generation/generation.ts'
import type { ProblemCode } from '../../../domain/problem.ts'
import type { ClientCall, GenerationService } from '../../../services/generations/generations.ts'
import { clientOf } from '../../access.ts'
import { IdempotencyHeaders } from '../../requests/idempotency-key.ts'
import { leaveJsonUnread } from '../../bodies/json-body.ts'
import { answer, unreadableBody } from '../../schemas/problem.ts'
import { createUploads } from '../../bodies/uploads.ts'
import type { Uploads } from '../../bodies/uploads.ts'
import { readDerivedInput, readRemixInput, readVideoInput } from './input.ts'
import type { AskedVideo, OpenaiInputDeps } from './input.ts'
import { readOpenaiBody } from './form.ts'
import { longestMediaUrl } from './inputs.ts'
import {
  OpenaiEditForm,
  OpenaiEditRequest,
  OpenaiExtensionForm,
  OpenaiExtensionRequest,
  OpenaiRemixRequest,
  OpenaiVideoForm,
  OpenaiVideoRequest,
} from './requests.ts'
import { OpenaiVideo, openaiErrors } from './schemas.ts'
import { pollAfterMs, toOpenaiVideo } from './video.ts'
import { VideoParams, openaiKeyed } from './videos.ts'
import { RoutingHeaders } from '../routing-headers.ts'

/** Its data URLs together, and what stands around them. */
const largestBody = longestMediaUrl + 256 * 1024

const retryCount = z.string().regex(/^\d{1,3}$/)

const headers = RoutingHeaders.extend(IdempotencyHeaders.shape)

const refusals: ProblemCode[] = [
  ...openaiKeyed,
  ...unreadableBody,
  'not_found',
  'character_not_found',
  'no_upstream',
  'url_forbidden',
  'url_unreachable',
  'not_media',
  'budget_exceeded',
  'conflict',
  'idempotency_in_progress',
  'idempotency_key_reused',
  'too_many_in_flight',
]

const response = {
  200: answer('The accepted video.', OpenaiVideo),
  ...openaiErrors(...refusals),
}

/** Only an SDK that says which try this is sends one again by itself. */
function clientCall(request: FastifyRequest, hash: () => string): ClientCall | undefined {
  const count = retryCount.safeParse(request.headers['x-stainless-retry-count'])
  if (!count.success) return undefined
  const path = request.url.split('?', 1)[0] ?? ''
  return { path, requestHash: hash(), retry: Number(count.data) }
}

function config(json: z.ZodType, form: z.ZodType) {
  return {
    access: 'generate' as const,
    bodies: { 'application/json': json, 'multipart/form-data': form },
  }
}

/**
 * Create, remix, edit and extend (docs/vendors/openai-videos.md#create-a-video,
 * docs/vendors/openai-videos.md#start-from-a-video); register them where @fastify/multipart is.
 */
export const openaiCreateRoutes: FastifyPluginAsyncZod<
  OpenaiInputDeps & { generations: GenerationService }
> = async (app, deps) => {
  leaveJsonUnread(app)
  /** Stores what `read` makes of the request; the same answer again for a repeated idempotency key. */
  async function submit(
    request: FastifyRequest,
    reply: FastifyReply,
    read: (uploads: Uploads) => Promise<AskedVideo>,
  ): Promise<string> {
    const key = z.string().optional().parse(request.headers['idempotency-key'])
    const uploads = createUploads(deps.intake, request.log)
    let text: string | undefined
    const render = (made: Generation) => (text ??= JSON.stringify(toOpenaiVideo(made)))
    try {
      const { input, hash } = await read(uploads)
      const idempotency = key === undefined ? null : { key, requestHash: hash() }
      const call = clientCall(request, hash)
      const submitted = await deps.generations.submit(clientOf(request), { input, idempotency, render, call })
      reply.type('application/json; charset=utf-8').header('openai-poll-after-ms', pollAfterMs)
      if (submitted.type === 'replayed') {
        reply.header('idempotent-replayed', 'true')
        return submitted.response
      }
      uploads.keep()
      return render(submitted.generation)
    } finally {
      await uploads.discardUnkept()
    }
  }

  const usual = { tags: ['openai'], headers, response }
  app.post('/v1/videos', {
    bodyLimit: largestBody,
    config: config(OpenaiVideoRequest, OpenaiVideoForm),
    schema: {
      ...usual,
      operationId: 'openaiCreateVideo',
      summary: 'Create a video',
      description: 'Follows the OpenAI Videos API. The video is a generation with the same ID.',
    },
    handler: (request, reply) =>
      submit(request, reply, (uploads) => readVideoInput(deps, clientOf(request), request, uploads)),
  })

  app.post('/v1/videos/:id/remix', {
    config: config(OpenaiRemixRequest, OpenaiRemixRequest),
    schema: {
      ...usual,
      operationId: 'openaiRemixVideo',
      summary: 'Remix a completed video',
      description: 'Prefers the upstream that rendered the video. Others receive the file.',
      params: VideoParams,
    },
    handler: (request, reply) =>
      submit(request, reply, async (uploads) => {
        const { fields } = await readOpenaiBody(request, { name: 'video', accept: ['video'] }, uploads)
        return readRemixInput(request, request.params.id, fields)
      }),
  })

  app.post('/v1/videos/edits', {
    config: config(OpenaiEditRequest, OpenaiEditForm),
    schema: { ...usual, operationId: 'openaiEditVideo', summary: 'Edit a video or an uploaded file' },
    handler: (request, reply) =>
      submit(request, reply, (uploads) => readDerivedInput('edit', request, uploads)),
  })

  app.post('/v1/videos/extensions', {
    config: config(OpenaiExtensionRequest, OpenaiExtensionForm),
    schema: { ...usual, operationId: 'openaiExtendVideo', summary: 'Extend a video or an uploaded file' },
    handler: (request, reply) =>
      submit(request, reply, (uploads) => readDerivedInput('extension', request, uploads)),
  })
}
