import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { GenerationId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import type { LogRecord } from '../../ports/generation-store.ts'
import type { GenerationService } from '../../services/generations.ts'
import { clientOf } from '../access.ts'
import { sendEventStream } from '../event-stream.ts'
import type { Lifetimes } from '../lifetimes.ts'
import { GenerationEventFrame, toFrame } from '../schemas/event.ts'
import { answer, keyed, problems } from '../schemas/problem.ts'
import { GenerationParams } from './generations.ts'

const resumeHeaders = z.looseObject({
  'last-event-id': z
    .string()
    .regex(/^\d{1,15}$/, 'must be the id of an event')
    .optional()
    .meta({ description: 'Resume after this event; browsers send it by themselves.' }),
})

const resumeQuery = z.strictObject({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .max(1e15)
    .default(0)
    .meta({ description: 'Like `Last-Event-ID`, which goes first.' }),
})

function acceptsEvents({ headers: { accept = '*/*' } }: FastifyRequest): boolean {
  return /(?:^|[\s,])(?:text\/event-stream|text\/\*|\*\/\*)(?:$|[\s,;])/i.test(accept)
}

/** How many streams may be open at once. */
interface StreamBounds {
  perKey: number
  overall: number
}

/** Counts open streams, per key and together: each one holds a connection and a timer. */
function createStreamCounter({ perKey, overall }: StreamBounds) {
  const open = new Map<string, number>()
  let all = 0

  function giveBack(key: string): void {
    all--
    const left = (open.get(key) ?? 1) - 1
    if (left === 0) open.delete(key)
    else open.set(key, left)
  }

  return {
    /** Takes a place until `signal` aborts, or throws. */
    take(key: string, signal: AbortSignal): void {
      if (signal.aborted) return
      const count = open.get(key) ?? 0
      if (count >= perKey) {
        throw new Problem(
          'too_many_in_flight',
          `This key has ${perKey} event streams open, which is the limit.`,
        )
      }
      if (all >= overall) throw new Problem('overloaded', 'As many event streams are open as can be.')
      all++
      open.set(key, count + 1)
      signal.addEventListener('abort', () => giveBack(key), { once: true })
    },
  }
}

async function* framesOf(id: GenerationId, records: AsyncIterable<LogRecord>): AsyncGenerator<string> {
  for await (const record of records) yield toFrame(id, record)
}

export const generationEventsRoutes: FastifyPluginAsyncZod<{
  generations: GenerationService
  lifetimes: Lifetimes
  heartbeatMs: number
  streams: StreamBounds
}> = async (app, { generations, lifetimes, heartbeatMs, streams: bounds }) => {
  const streams = createStreamCounter(bounds)

  app.get('/generations/:id/events', {
    config: { access: 'read' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'followGeneration',
      tags: ['generations'],
      summary: 'Follow a generation',
      description:
        'Its history as server-sent events, then what happens, until its last event. A comment comes every 15 seconds.',
      params: GenerationParams,
      querystring: resumeQuery,
      headers: resumeHeaders,
      response: {
        200: answer('Events, until the generation has ended.', GenerationEventFrame, 'text/event-stream'),
        ...problems(...keyed, 'validation_failed', 'not_found', 'not_acceptable', 'too_many_in_flight'),
      },
    },
    async handler(request, reply) {
      if (!acceptsEvents(request)) throw new Problem('not_acceptable', 'This is a text/event-stream.')
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
