import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { OperationsService } from '../../../services/operations/operations.ts'
import { clientOf } from '../../access.ts'
import { parse } from '../../requests/validation.ts'
import { PauseDto, PauseRequest, Resumption, toPauseDto } from '../../schemas/operations/pause.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'

const UpstreamParams = z.object({ id: z.string().meta({ description: 'The ID of the upstream.' }) })

const pausing =
  'No create is committed after the response. Accepted requests wait, with the reason in `warnings` and `route.excluded`, until their deadline. Running jobs are polled, delivered and cancelled as usual. Pausing again replaces reason and end.'

/** Stopping and resuming what leaves to upstreams. */
export const pausesRoutes: FastifyPluginAsyncZod<{ operations: OperationsService }> = async (
  app,
  { operations },
) => {
  async function pause(request: FastifyRequest, upstream: string | null): Promise<PauseDto> {
    const { reason, until } = parse(PauseRequest, request.body)
    const asked = { reason, until: until === null ? null : Date.parse(until) }
    return toPauseDto(await operations.pause(clientOf(request), upstream, asked))
  }

  app.post('/upstreams/:id/pause', {
    config: { access: 'operate', bodies: { 'application/json': PauseRequest } },
    schema: {
      operationId: 'pauseUpstream',
      tags: ['operations'],
      summary: 'Pause submissions to an upstream',
      description: `${pausing} Requests that allow it fall back to other upstreams.`,
      params: UpstreamParams,
      response: {
        200: answer('The pause.', PauseDto),
        ...problems(...keyed, ...unreadableBody, 'not_found'),
      },
    },
    handler: async (request): Promise<PauseDto> => pause(request, request.params.id),
  })

  app.post('/upstreams/:id/resume', {
    config: { access: 'operate' },
    schema: {
      operationId: 'resumeUpstream',
      tags: ['operations'],
      summary: 'Resume submissions to an upstream',
      description: 'Work that waited is sent within seconds. A pause of all submissions stays.',
      params: UpstreamParams,
      response: { 200: answer('It is resumed.', Resumption), ...problems(...keyed, 'not_found') },
    },
    async handler(request): Promise<Resumption> {
      return { resumed: await operations.resume(clientOf(request), request.params.id) }
    },
  })

  app.post('/operations/pause', {
    config: { access: 'operate', bodies: { 'application/json': PauseRequest } },
    schema: {
      operationId: 'pauseOperations',
      tags: ['operations'],
      summary: 'Pause all submissions',
      description: pausing,
      response: { 200: answer('The pause.', PauseDto), ...problems(...keyed, ...unreadableBody) },
    },
    handler: async (request): Promise<PauseDto> => pause(request, null),
  })

  app.post('/operations/resume', {
    config: { access: 'operate' },
    schema: {
      operationId: 'resumeOperations',
      tags: ['operations'],
      summary: 'Resume all submissions',
      description: 'Upstreams that are paused by themselves stay paused.',
      response: { 200: answer('Submissions are resumed.', Resumption), ...problems(...keyed) },
    },
    async handler(request): Promise<Resumption> {
      return { resumed: await operations.resume(clientOf(request), null) }
    },
  })
}
