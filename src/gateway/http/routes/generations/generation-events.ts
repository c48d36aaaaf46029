import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { GenerationId } from '../../../domain/ids.ts'
import { Problem } from '../../../domain/problem.ts'
import type { LogRecord } from '../../../ports/generations/generation-history.ts'
import type { GenerationService } from '../../../services/generations/generations.ts'
import { clientOf } from '../../access.ts'
import { sendEventStream } from '../../answers/event-stream.ts'
import type { Lifetimes } from '../../edge/lifetimes.ts'
import { createPlaces } from '../../edge/open-streams.ts'
import type { PlaceBounds } from '../../edge/open-streams.ts'
import { GenerationEventFrame, toFrame } from '../../schemas/generations/event.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'
import { GenerationParams } from './generations.ts'

const resumeHeaders = z.looseObject({
  'last-event-id': z
    .string()
    .regex(/^\d{1,15}$/, 'must be the id of an event')
    .optional()
    .meta({ description: 'Resume after this event. Browsers send this header when they reconnect.' }),
})

const resumeQuery = z.strictObject({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .max(1e15)
    .default(0)
    .meta({ description: 'Same as `Last-Event-ID`, which takes precedence.' }),
})

function acceptsEvents({ headers: { accept = '*/*' } }: FastifyRequest): boolean {
  return /(?:^|[\s,])(?:text\/event-stream|text\/\*|\*\/\*)(?:$|[\s,;])/i.test(accept)
}

async function* framesOf(id: GenerationId, records: AsyncIterable<LogRecord>): AsyncGenerator<string> {
  for await (const record of records) yield toFrame(id, record)
}

export const generationEventsRoutes: FastifyPluginAsyncZod<{
  generations: GenerationService
  lifetimes: Lifetimes
  heartbeatMs: number
  streams: PlaceBounds
}> = async (app, { generations, lifetimes, heartbeatMs, streams: bounds }) => {
  const streams = createPlaces(bounds, 'event streams')

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
      if (!acceptsEvents(request))
        throw new Problem(
          'not_acceptable',
          'The response is text/event-stream. Send an Accept header that allows it.',
        )
      const client = clientOf(request)
      const { id } = request.params
      const after = Number(request.headers['last-event-id'] ?? request.query.after)
      const signal = lifetimes.follow(reply, client)
      await generations.get(client, id)
      streams.take(`${client.tenant}/${client.key}`, signal)
      const records = generations.events(client, id, after, signal)
      return sendEventStream(reply, framesOf(id, records), heartbeatMs)
    },
  })
}
