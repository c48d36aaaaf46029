import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { GenerationId } from '../../../domain/ids.ts'
import type { LogRecord } from '../../../ports/generations/generation-history.ts'
import type { GenerationService } from '../../../services/generations/generations.ts'
import { clientOf } from '../../access.ts'
import { sendEventStream } from '../../answers/event-stream.ts'
import type { Lifetimes } from '../../edge/lifetimes.ts'
import type { Places } from '../../edge/open-streams.ts'
import { resumedAfter, resumeHeaders, resumeQuery } from '../../requests/resume.ts'
import { GenerationEventFrame, toFrame } from '../../schemas/generations/event.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'
import { GenerationParams } from './generations.ts'

async function* framesOf(id: GenerationId, records: AsyncIterable<LogRecord>): AsyncGenerator<string> {
  for await (const record of records) yield toFrame(id, record)
}

export const generationEventsRoutes: FastifyPluginAsyncZod<{
  generations: GenerationService
  lifetimes: Lifetimes
  heartbeatMs: number
  streams: Places
}> = async (app, { generations, lifetimes, heartbeatMs, streams }) => {
  app.get('/generations/:id/events', {
    config: { access: 'read' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'followGeneration',
      tags: ['generations'],
      summary: 'Stream the events of a generation',
      description:
        'Sends past events, then new ones as server-sent events until the last event. A comment is sent every 15 seconds to keep the connection open.',
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
      const after = resumedAfter(request, request.query)
      const client = clientOf(request)
      const { id } = request.params
      const signal = lifetimes.follow(reply, client)
      await generations.get(client, id)
      streams.take(`${client.tenant}/${client.key}`, signal)
      const records = generations.events(client, id, after, signal)
      return sendEventStream(reply, framesOf(id, records), heartbeatMs)
    },
  })
}
