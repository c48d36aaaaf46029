import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { SeriesService } from '../../../services/series/series.ts'
import { sendLogStream } from '../../answers/log-stream.ts'
import type { LogStreams } from '../../answers/log-stream.ts'
import { resumeHeaders, resumeQuery } from '../../requests/resume.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'
import { SeriesEventFrame, toSeriesFrame } from '../../schemas/series/series-event.ts'
import { SeriesParams } from './series-params.ts'

/** The log of a series as a stream. */
export const followSeriesRoutes: FastifyPluginAsyncZod<LogStreams & { series: SeriesService }> = async (
  app,
  { series, ...streams },
) => {
  app.get('/series/:id/events', {
    config: { access: 'read', ticketed: true },
    exposeHeadRoute: false,
    schema: {
      operationId: 'followSeries',
      tags: ['series'],
      summary: 'Stream the events of a series',
      description:
        'Sends past events, then new ones as server-sent events until the series has ended. A comment is sent every 15 seconds to keep the connection open.',
      params: SeriesParams,
      querystring: resumeQuery,
      headers: resumeHeaders,
      response: {
        200: answer('A stream of events that ends with the series.', SeriesEventFrame, 'text/event-stream'),
        ...problems(...keyed, 'validation_failed', 'not_found', 'not_acceptable', 'too_many_in_flight'),
      },
    },
    handler(request, reply) {
      const { id } = request.params
      return sendLogStream(request, reply, streams, {
        after: request.query.after,
        find: (client) => series.get(client, id),
        events: (client, after, signal) => series.events(client, id, after, signal),
        toFrame: (record) => toSeriesFrame(id, record),
      })
    },
  })
}
