import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Generation } from '../../../domain/generation/generation.ts'
import type { ProblemCode } from '../../../domain/problem.ts'
import type { GenerationService } from '../../../services/generations/generations.ts'
import type { MediaIntake } from '../../../services/media/media-intake.ts'
import { clientOf } from '../../access.ts'
import { readAskedGeneration } from '../../requests/asked-generation.ts'
import { IdempotencyHeaders } from '../../requests/idempotency-key.ts'
import { GenerateForm, GenerateRequest } from '../../schemas/generations/generate.ts'
import { GenerationDto, toGenerationDto } from '../../schemas/generations/generation.ts'
import { RoutePreviewDto, toPreviewDto } from '../../schemas/generations/preview.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'
import { createUploads } from '../../bodies/uploads.ts'

/** The handlers read both kinds themselves; this is for the OpenAPI document. */
const bodies = { 'application/json': GenerateRequest, 'multipart/form-data': GenerateForm }

const firstAnswer = z.object({ id: z.string() })

const refusals: ProblemCode[] = [
  ...keyed,
  ...unreadableBody,
  'character_not_found',
  'generation_not_found',
  'no_upstream',
  'url_forbidden',
  'url_unreachable',
  'not_media',
  'storage_full',
]

/** `POST /generate` and `POST /route`; register them where @fastify/multipart is. */
export const generateRoutes: FastifyPluginAsyncZod<{
  generations: GenerationService
  intake: MediaIntake
}> = async (app, { generations, intake }) => {
  app.post('/generate', {
    config: { access: 'generate', bodies },
    schema: {
      operationId: 'generate',
      tags: ['generations'],
      summary: 'Create a generation',
      description:
        'Returns as soon as the generation is stored. Follow its progress at `Location`, with its event stream or with a webhook.',
      headers: IdempotencyHeaders,
      response: {
        202: answer('The accepted generation.', GenerationDto),
        ...problems(
          ...refusals,
          'budget_exceeded',
          'conflict',
          'idempotency_in_progress',
          'idempotency_key_reused',
          'too_many_in_flight',
        ),
      },
    },
    async handler(request, reply) {
      const key = request.headers['idempotency-key']
      const uploads = createUploads(intake, request.log)
      // The answer and what an idempotency key remembers are one text, made once.
      let text: string | undefined
      const render = (made: Generation, startsAt: number | null) =>
        (text ??= JSON.stringify(toGenerationDto(made, 'whole', startsAt)))
      try {
        const { input, hash } = await readAskedGeneration(request, uploads)
        const idempotency = key === undefined ? null : { key, requestHash: hash() }
        const submitted = await generations.submit(clientOf(request), { input, idempotency, render })
        reply.code(202).type('application/json; charset=utf-8')
        if (submitted.type === 'replayed') {
          const { id } = firstAnswer.parse(JSON.parse(submitted.response))
          reply.headers({ location: `/generations/${id}`, 'idempotent-replayed': 'true' })
          return submitted.response
        }
        uploads.keep()
        reply.header('location', `/generations/${submitted.generation.id}`)
        return render(submitted.generation, submitted.startsAt)
      } finally {
        await uploads.discardUnkept()
      }
    },
  })

  app.post('/route', {
    config: { access: 'generate', previewed: true, bodies },
    schema: {
      operationId: 'planRoute',
      tags: ['generations'],
      summary: 'Preview the route for a request',
      description:
        'Returns the plan that `POST /generate` would follow for the same body. Nothing is sent or stored. Previews have a rate limit of their own.',
      response: { 200: answer('The route plan.', RoutePreviewDto), ...problems(...refusals) },
    },
    async handler(request): Promise<RoutePreviewDto> {
      const uploads = createUploads(intake, request.log)
      try {
        const { input } = await readAskedGeneration(request, uploads)
        return toPreviewDto(await generations.plan(clientOf(request), input))
      } finally {
        await uploads.discardUnkept()
      }
    },
  })
}
