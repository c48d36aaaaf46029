import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Client } from '../../../domain/accounts/client.ts'
import type { Generation } from '../../../domain/generation/generation.ts'
import type { GenerationId } from '../../../domain/ids.ts'
import { Problem } from '../../../domain/problem.ts'
import type { GenerationService } from '../../../services/generations/generations.ts'
import { clientOf } from '../../access.ts'
import type { Lifetimes } from '../../edge/lifetimes.ts'
import type { OpenSlots } from '../../edge/open-slots.ts'
import { characterRef, generationId } from '../../schemas/fields.ts'
import {
  GenerationDto,
  GenerationPage,
  generationStatus,
  toGenerationDto,
} from '../../schemas/generations/generation.ts'
import { limit, toPage } from '../../schemas/paging.ts'
import type { Page } from '../../schemas/paging.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'

export const GenerationParams = z.object({ id: generationId })

const listQuery = z.strictObject({
  status: generationStatus.optional(),
  character: characterRef.optional().meta({
    description: 'Only generations with this character. Use its ID if it was deleted.',
    examples: ['coffee_girl'],
  }),
  limit,
  cursor: generationId.optional().meta({ description: 'The `next_cursor` of the previous page.' }),
})

const getQuery = z.strictObject({
  wait: z.coerce
    .number()
    .min(0)
    .max(60)
    .default(0)
    .meta({ description: 'Seconds to wait for a terminal state before responding.' }),
})

async function waited(
  generations: GenerationService,
  client: Client,
  { id, waitMs, signal }: { id: GenerationId; waitMs: number; signal: AbortSignal },
): Promise<Generation> {
  const generation = await generations.wait(client, id, waitMs, signal)
  if (signal.reason instanceof Problem) throw signal.reason
  return generation
}

export const generationsRoutes: FastifyPluginAsyncZod<{
  generations: GenerationService
  lifetimes: Lifetimes
  waits: OpenSlots
}> = async (app, { generations, lifetimes, waits }) => {
  app.get('/generations', {
    config: { access: 'read' },
    schema: {
      operationId: 'listGenerations',
      tags: ['generations'],
      summary: 'List generations',
      querystring: listQuery,
      response: {
        200: answer('One page, newest first.', GenerationPage),
        ...problems(...keyed, 'validation_failed', 'not_found'),
      },
    },
    async handler(request): Promise<Page<GenerationDto>> {
      const { status = null, character = null, cursor: before = null, limit: count } = request.query
      const page = await generations.list(clientOf(request), { status, character, before, limit: count })
      return toPage(page.data.map(toGenerationDto), page.hasMore)
    },
  })

  app.get('/generations/:id', {
    config: { access: 'read', polled: true },
    schema: {
      operationId: 'getGeneration',
      tags: ['generations'],
      summary: 'Get a generation, or wait until it has ended',
      params: GenerationParams,
      querystring: getQuery,
      response: {
        200: answer('The generation.', GenerationDto),
        ...problems(...keyed, 'validation_failed', 'not_found', 'too_many_in_flight'),
      },
    },
    async handler(request, reply): Promise<GenerationDto> {
      const client = clientOf(request)
      const { id } = request.params
      const waitMs = request.query.wait * 1000
      if (waitMs === 0) return toGenerationDto(await generations.get(client, id))
      const signal = lifetimes.follow(reply, client)
      waits.take(`${client.tenant}/${client.key}`, signal)
      return toGenerationDto(await waited(generations, client, { id, waitMs, signal }))
    },
  })

  app.delete('/generations/:id', {
    config: { access: 'generate' },
    schema: {
      operationId: 'deleteGeneration',
      tags: ['generations'],
      summary: 'Delete a generation and its media',
      params: GenerationParams,
      response: {
        204: z.null().meta({ description: 'The generation was deleted.' }),
        ...problems(...keyed, 'not_found', 'conflict'),
      },
    },
    async handler(request, reply) {
      await generations.remove(clientOf(request), request.params.id)
      return reply.code(204).send(null)
    },
  })
}
