import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { GenerationViews } from '../../../services/generations/generation-views.ts'
import type { GenerationService } from '../../../services/generations/generations.ts'
import { clientOf } from '../../access.ts'
import { sendLogStream } from '../../answers/log-stream.ts'
import type { LogStreams } from '../../answers/log-stream.ts'
import { resumeHeaders, resumeQuery } from '../../requests/resume.ts'
import { GenerationEventFrame, outlined, toFrame } from '../../schemas/generations/event.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'
import { GenerationParams } from './generations.ts'

export const generationEventsRoutes: FastifyPluginAsyncZod<
  LogStreams & { generations: GenerationService; views: GenerationViews }
> = async (app, { generations, views, ...streams }) => {
  app.get('/generations/:id/events', {
    config: { access: 'view' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'followGeneration',
      tags: ['generations'],
      summary: 'Stream the events of a generation',
      description:
        'Sends past events, then new ones as server-sent events until the last event. A comment is sent every 15 seconds to keep the connection open. Without the scope `operate_prompts`, events of other tenants have no messages of upstreams.',
      params: GenerationParams,
      querystring: resumeQuery,
      headers: resumeHeaders,
      response: {
        200: answer(
          'A stream of events that ends with the generation.',
          GenerationEventFrame,
          'text/event-stream',
        ),
        ...problems(...keyed, 'validation_failed', 'not_found', 'not_acceptable', 'too_many_in_flight'),
      },
    },
    async handler(request, reply) {
      const { id } = request.params
      const { as, view } = await views.open(clientOf(request), id, 'events')
      return sendLogStream(request, reply, streams, {
        after: request.query.after,
        find: () => generations.get(as, id),
        events: (_client, after, signal) => generations.events(as, id, after, signal),
        toFrame: (record) => toFrame(id, view === 'whole' ? record : outlined(record)),
      })
    },
  })
}
