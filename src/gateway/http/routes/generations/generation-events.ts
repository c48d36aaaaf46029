import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { GenerationViews } from '../../../services/generations/generation-views.ts'
import type { LogRecord } from '../../../ports/generations/generation-history.ts'
import type { GenerationService } from '../../../services/generations/generations.ts'
import { clientOf } from '../../access.ts'
import { sendLogStream } from '../../answers/log-stream.ts'
import type { LogStreams } from '../../answers/log-stream.ts'
import { lastSeen, resumeHeaders, resumeQuery } from '../../requests/resume.ts'
import {
  GenerationEventFrame,
  GenerationEventList,
  outlined,
  toEventList,
  toFrame,
} from '../../schemas/generations/event.ts'
import { answerAs, keyed, problems } from '../../schemas/problem.ts'
import { GenerationParams } from './generations.ts'

const mostListed = 1000

const eventsQuery = resumeQuery.extend({
  format: z
    .enum(['sse', 'json'])
    .default('sse')
    .meta({ description: '`json`: the events so far as a list, instead of a stream.' }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(mostListed)
    .default(mostListed)
    .meta({ description: 'The number of events in a list. Ignored for a stream.' }),
})

export const generationEventsRoutes: FastifyPluginAsyncZod<
  LogStreams & { generations: GenerationService; views: GenerationViews }
> = async (app, { generations, views, ...streams }) => {
  app.get('/generations/:id/events', {
    config: { access: 'view', ticketed: true },
    exposeHeadRoute: false,
    schema: {
      operationId: 'followGeneration',
      tags: ['generations'],
      summary: 'Stream or list the events of a generation',
      description:
        'Sends past events, then new ones as server-sent events until the last event. A comment is sent every 15 seconds to keep the connection open. With `format=json`, returns the events so far. Without the scope `operate_prompts`, events of other tenants have no messages of upstreams.',
      params: GenerationParams,
      querystring: eventsQuery,
      headers: resumeHeaders,
      response: {
        200: answerAs('A stream of events that ends with the generation, or a list of events.', {
          'text/event-stream': GenerationEventFrame,
          'application/json': GenerationEventList,
        }),
        ...problems(...keyed, 'validation_failed', 'not_found', 'not_acceptable', 'too_many_in_flight'),
      },
    },
    async handler(request, reply) {
      const { id } = request.params
      const { format, limit } = request.query
      const { as, view } = await views.open(clientOf(request), id, 'events')
      const shown = (record: LogRecord) => (view === 'whole' ? record : outlined(record))
      if (format === 'json') {
        const after = lastSeen(request, request.query)
        const { records, hasMore } = await generations.history(as, id, after, limit)
        return toEventList(id, { records: records.map(shown), hasMore, after })
      }
      return sendLogStream(request, reply, streams, {
        after: request.query.after,
        find: () => generations.get(as, id),
        events: (_client, seen, signal) => generations.events(as, id, seen, signal),
        toFrame: (record) => toFrame(id, shown(record)),
      })
    },
  })
}
