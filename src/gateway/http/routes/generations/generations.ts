import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Client } from '../../../domain/accounts/client.ts'
import type { Generation } from '../../../domain/generation/generation.ts'
import type { GenerationId } from '../../../domain/ids.ts'
import { Problem } from '../../../domain/problem.ts'
import type { GenerationViews } from '../../../services/generations/generation-views.ts'
import type { GenerationService } from '../../../services/generations/generations.ts'
import type { SignedAddresses } from '../../../services/generations/signed-addresses.ts'
import { clientOf } from '../../access.ts'
import type { Lifetimes } from '../../edge/lifetimes.ts'
import type { OpenSlots } from '../../edge/open-slots.ts'
import { generationId } from '../../schemas/fields.ts'
import { addressesFor } from '../../requests/addresses-for.ts'
import { sendGeneration } from '../../answers/send-generation.ts'
import { GenerationDto } from '../../schemas/generations/generation.ts'
import { conditionalHeaders, notModified } from '../../schemas/generations/media.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'

export const GenerationParams = z.object({ id: generationId })

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
  views: GenerationViews
  addresses: SignedAddresses
  lifetimes: Lifetimes
  waits: OpenSlots
}> = async (app, { generations, views, addresses, lifetimes, waits }) => {
  app.get('/generations/:id', {
    config: { access: 'view', polled: true },
    schema: {
      operationId: 'getGeneration',
      tags: ['generations'],
      summary: 'Get a generation, or wait until it has ended',
      description:
        'Keys with the scope `observe` or `operate` get generations of any tenant; prompts of other tenants require `operate_prompts` as well.',
      params: GenerationParams,
      querystring: getQuery,
      headers: conditionalHeaders,
      response: {
        200: answer('The generation.', GenerationDto),
        304: notModified,
        ...problems(...keyed, 'validation_failed', 'not_found', 'too_many_in_flight'),
      },
    },
    async handler(request, reply) {
      const client = clientOf(request)
      const { id } = request.params
      const waitMs = request.query.wait * 1000
      const { as, view } = await views.open(client, id, 'generation')
      const read = (): Promise<Generation> => {
        if (waitMs === 0) return generations.get(as, id)
        const signal = lifetimes.follow(reply, client)
        waits.take(`${client.tenant}/${client.key}`, signal)
        return waited(generations, as, { id, waitMs, signal })
      }
      const generation = await read()
      const startsAt = await generations.startOf(generation)
      const shown = { generation, view, startsAt, addresses: addressesFor(client, generation, addresses) }
      return sendGeneration(shown, request, reply)
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
