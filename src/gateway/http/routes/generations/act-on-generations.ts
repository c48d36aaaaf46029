import type { FastifyReply } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Client } from '../../../domain/accounts/client.ts'
import type { Generation } from '../../../domain/generation/generation.ts'
import { viewOf } from '../../../domain/accounts/view.ts'
import type { GenerationService } from '../../../services/generations/generations.ts'
import type { SignedAddresses } from '../../../services/generations/signed-addresses.ts'
import { clientOf } from '../../access.ts'
import { keepAsItIs } from '../../answers/compress-json.ts'
import { addressesFor } from '../../requests/addresses-for.ts'
import { noteReplay } from '../../requests/idempotency-key.ts'
import { parse } from '../../requests/validation.ts'
import {
  CancelRequest,
  CancelResult,
  toCancelInput,
  toCancelResult,
} from '../../schemas/generations/cancel-many.ts'
import { GenerationDto, toGenerationDto } from '../../schemas/generations/generation.ts'
import { ResubmitRequest, toResubmitInput } from '../../schemas/operations/resubmit.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'
import { GenerationParams } from './generations.ts'

const ofOthers =
  'Generations of other tenants require the scope `operate`; without `operate_prompts`, `prompt` is null.'

/** What tenants do to their own generations, and operators to those of every tenant. */
export const actOnGenerationsRoutes: FastifyPluginAsyncZod<{
  generations: GenerationService
  addresses: SignedAddresses
}> = async (app, { generations, addresses }) => {
  function show(client: Client, generation: Generation, reply: FastifyReply): GenerationDto {
    const signing = addressesFor(client, generation, addresses)
    if (signing !== null && generation.video !== null) keepAsItIs(reply)
    return toGenerationDto(generation, viewOf(client, generation.tenant), null, signing)
  }

  app.post('/generations/:id/cancel', {
    config: { access: 'act' },
    schema: {
      operationId: 'cancelGeneration',
      tags: ['generations'],
      summary: 'Cancel a generation',
      description: `Ends the generation immediately. Upstream charges that arrive later are still recorded. ${ofOthers}`,
      params: GenerationParams,
      response: {
        200: answer('The generation. Unchanged if it had already ended.', GenerationDto),
        ...problems(...keyed, 'not_found', 'conflict'),
      },
    },
    async handler(request, reply): Promise<GenerationDto> {
      const client = clientOf(request)
      const generation = await generations.cancel(client, request.params.id)
      return show(client, generation, reply)
    },
  })

  app.post('/generations/cancel', {
    config: { access: 'act', bodies: { 'application/json': CancelRequest } },
    schema: {
      operationId: 'cancelGenerations',
      tags: ['generations'],
      summary: 'Cancel many generations',
      description: `Each is cancelled as if it were alone, so that some may be cancelled and others not; the answer has an outcome for each. By filter, look with a dry run first, and repeat with \`dry_run: false\` and its \`matched\` as \`expected\`; at most 5,000 at once. What upstreams have begun may still be charged. Can be repeated. ${ofOthers}`,
      response: {
        200: answer('The outcomes.', CancelResult),
        ...problems(...keyed, ...unreadableBody, 'not_found', 'conflict'),
      },
    },
    async handler(request): Promise<CancelResult> {
      const input = toCancelInput(parse(CancelRequest, request.body))
      return toCancelResult(await generations.cancelMany(clientOf(request), input), input.isDry)
    },
  })

  app.post('/generations/:id/resubmit', {
    config: { access: 'act', bodies: { 'application/json': ResubmitRequest } },
    schema: {
      operationId: 'resubmitGeneration',
      tags: ['generations'],
      summary: 'Send a generation again after an unknown outcome',
      description: `Asks the next upstream of \`route\` although the first job may still be charged, also after the generation has failed with \`outcome_unknown\`; it is then in progress again. Happens once for each unknown attempt, so that the call can be repeated. If both jobs are rendered, one video is delivered and the other is paid without a video. ${ofOthers}`,
      params: GenerationParams,
      response: {
        202: answer('The generation. Unchanged if the attempt was sent again before.', GenerationDto),
        ...problems(
          ...keyed,
          ...unreadableBody,
          'not_found',
          'conflict',
          'two_bills_possible',
          'held_after_restore',
          'no_upstream',
          'over_max_cost',
          'budget_exceeded',
          'too_many_in_flight',
        ),
      },
    },
    async handler(request, reply): Promise<GenerationDto> {
      const client = clientOf(request)
      const input = toResubmitInput(parse(ResubmitRequest, request.body ?? {}))
      const { generation, replayed } = await generations.resubmit(client, request.params.id, input)
      noteReplay(reply, replayed)
      reply.code(202)
      return show(client, generation, reply)
    },
  })
}
