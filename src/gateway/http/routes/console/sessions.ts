import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { clientOf } from '../../access.ts'
import type { SessionService } from '../../../services/accounts/sessions.ts'
import { SessionPage, toSessionDto } from '../../schemas/console/session.ts'
import type { SessionDto } from '../../schemas/console/session.ts'
import { sessionId } from '../../schemas/fields.ts'
import { limit, toPage } from '../../schemas/paging.ts'
import type { Page } from '../../schemas/paging.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'

const listQuery = z.strictObject({
  limit,
  cursor: sessionId.optional().meta({ description: 'The `next_cursor` of the previous page.' }),
})

/** Who is signed in where. */
export const sessionsRoutes: FastifyPluginAsyncZod<{ sessions: SessionService }> = async (
  app,
  { sessions },
) => {
  app.get('/console/sessions', {
    config: { access: 'operations' },
    schema: {
      operationId: 'listSessions',
      tags: ['sessions'],
      summary: 'List open sessions',
      description: 'Returns the sessions of the key, or of all keys if it has the scope `admin`.',
      querystring: listQuery,
      response: {
        200: answer('One page. It may hold fewer items than `limit`.', SessionPage),
        ...problems(...keyed, 'validation_failed'),
      },
    },
    async handler(request): Promise<Page<SessionDto>> {
      const client = clientOf(request)
      const { cursor: before = null, limit: count } = request.query
      const { data, hasMore } = await sessions.list(client, { before, limit: count })
      return toPage(
        data.map((view) => toSessionDto(view, client.session)),
        hasMore,
      )
    },
  })

  app.delete('/console/sessions', {
    config: { access: 'operations' },
    schema: {
      operationId: 'endOwnSessions',
      tags: ['sessions'],
      summary: 'End all sessions of the key',
      description: 'Also the session of this request.',
      response: {
        204: z.null().meta({ description: 'Nobody is signed in with this key.' }),
        ...problems(...keyed, 'cross_site'),
      },
    },
    async handler(request, reply) {
      await sessions.endAll(clientOf(request))
      return reply.code(204).send(null)
    },
  })

  app.delete('/console/sessions/:id', {
    config: { access: 'operations' },
    schema: {
      operationId: 'endSessionById',
      tags: ['sessions'],
      summary: 'End a session',
      description: 'Sessions of other keys require the scope `admin`.',
      params: z.object({ id: sessionId }),
      response: {
        204: z.null().meta({ description: 'The session has ended.' }),
        ...problems(...keyed, 'cross_site', 'not_found'),
      },
    },
    async handler(request, reply) {
      await sessions.end(clientOf(request), request.params.id)
      return reply.code(204).send(null)
    },
  })
}
