import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { ChangeService } from '../../../services/changes/changes.ts'
import { clientOf } from '../../access.ts'
import { sendEventStream } from '../../answers/event-stream.ts'
import type { LogStreams } from '../../answers/log-stream.ts'
import { resumeHeaders, resumeQuery, resumedAfter } from '../../requests/resume.ts'
import { ChangeFrame, toChangeFrames } from '../../schemas/operations/change.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'

/** One stream over everything that a key may see. */
export const changesRoutes: FastifyPluginAsyncZod<
  LogStreams & { changes: ChangeService; heartbeatMs: number }
> = async (app, { changes, lifetimes, heartbeatMs, heartbeats, streams }) => {
  app.get('/events', {
    config: { access: 'operations', ticketed: true },
    exposeHeadRoute: false,
    schema: {
      operationId: 'followChanges',
      tags: ['operations'],
      summary: 'Stream changes of all generations and upstreams',
      description:
        'Sends the current state of each upstream, then changes as server-sent events until you close it: of the generations of the own tenant, with the scope `observe` or `operate` of all tenants, and of upstreams. At most one event per generation and second; the last state is always sent. With `Last-Event-ID`, it continues after that event, or sends `resync` if it cannot. A `heartbeat` is sent after 15 seconds without an event. Events have no prompts.',
      querystring: resumeQuery,
      headers: resumeHeaders,
      response: {
        200: answer('A stream of events without an end.', ChangeFrame, 'text/event-stream'),
        ...problems(...keyed, 'validation_failed', 'not_acceptable', 'too_many_in_flight'),
      },
    },
    async handler(request, reply) {
      const after = resumedAfter(request, request.query)
      const client = clientOf(request)
      const signal = lifetimes.follow(reply, client)
      await changes.note(client)
      streams.take(`${client.tenant}/${client.key}`, signal)
      const items = changes.follow(client, { after: after === 0 ? null : after, heartbeatMs, signal })
      return sendEventStream(reply, { items, toText: toChangeFrames }, heartbeats)
    },
  })
}
