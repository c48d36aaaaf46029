import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { SeriesId } from '../../../domain/ids.ts'
import type { SeriesRecord } from '../../../ports/series/series-store.ts'
import type { SeriesService } from '../../../services/series/series.ts'
import { clientOf } from '../../access.ts'
import { sendEventStream } from '../../answers/event-stream.ts'
import type { Lifetimes } from '../../edge/lifetimes.ts'
import type { Places } from '../../edge/open-streams.ts'
import { resumedAfter, resumeHeaders, resumeQuery } from '../../requests/resume.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'
import { SeriesEventFrame, toSeriesFrame } from '../../schemas/series/series-event.ts'
import { SeriesParams } from './series-params.ts'

async function* framesOf(id: SeriesId, records: AsyncIterable<SeriesRecord>): AsyncGenerator<string> {
  for await (const record of records) yield toSeriesFrame(id, record)
}

/** The log of a series as a stream. */
export const followSeriesRoutes: FastifyPluginAsyncZod<{
  series: SeriesService
  lifetimes: Lifetimes
  heartbeatMs: number
  streams: Places
}> = async (app, { series, lifetimes, heartbeatMs, streams }) => {
  app.get('/series/:id/events', {
    config: { access: 'read' },
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
    async handler(request, reply) {
      const after = resumedAfter(request, request.query)
      const client = clientOf(request)
      const { id } = request.params
      const signal = lifetimes.follow(reply, client)
      await series.get(client, id)
      streams.take(`${client.tenant}/${client.key}`, signal)
      return sendEventStream(reply, framesOf(id, series.events(client, id, after, signal)), heartbeatMs)
    },
  })
}
