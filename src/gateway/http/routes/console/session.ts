import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { SignIn } from '../../console/sign-in.ts'
import { originOf } from '../../access.ts'
import { noSessionCookie, sessionCookie } from '../../console/cookie.ts'
import { checkOrigin } from '../../console/session-access.ts'
import type { OpenedSession, SessionService } from '../../../services/accounts/sessions.ts'
import { SessionDto, SessionRequest, toSessionDto } from '../../schemas/console/session.ts'
import { answer, problems, unreadableBody } from '../../schemas/problem.ts'

/** A key has at most 1,024 characters. */
const bodyLimit = 8 * 1024

export interface SessionRoutesDeps {
  sessions: SessionService
  signIn: SignIn
  publicUrl: string | null
}

/** Signing in and out with a browser. */
export const sessionRoutes: FastifyPluginAsyncZod<SessionRoutesDeps> = async (app, deps) => {
  const { sessions, publicUrl } = deps

  app.post('/console/session', {
    bodyLimit,
    config: { access: 'public' },
    schema: {
      operationId: 'createSession',
      tags: ['sessions'],
      summary: 'Sign in',
      description:
        'Exchanges an API key, or the ticket of a first start, for the cookie `understudy_session` (`__Host-understudy_session` over https). The cookie is used by requests without `Authorization`. It is valid for 12 hours at most.',
      body: SessionRequest,
      response: {
        201: answer('The session. `Set-Cookie` carries its cookie.', SessionDto),
        ...problems(
          ...unreadableBody,
          'unauthorized',
          'cross_site',
          'rate_limited',
          'overloaded',
          'internal',
        ),
      },
    },
    async handler(request, reply): Promise<SessionDto> {
      // What is no browser sends none. A page of another site may not sign anybody in.
      if (request.headers.origin !== undefined) checkOrigin(request, publicUrl)
      const { session, client, token } = await openSession(request, reply, deps)
      reply.code(201).headers({
        'set-cookie': sessionCookie(token, isSecure(request)),
        'cache-control': 'no-store',
      })
      return toSessionDto({ session, client }, session)
    },
  })

  app.get('/console/session', {
    config: { access: 'optional' },
    schema: {
      operationId: 'getSession',
      tags: ['sessions'],
      summary: 'Get the session of this request',
      description: 'Returns null if the request has no cookie, or one of a session that has ended.',
      response: {
        200: answer('The session, or null.', SessionDto.nullable()),
        ...problems('unauthorized', 'rate_limited', 'overloaded', 'internal'),
      },
    },
    async handler({ client }, reply): Promise<SessionDto | null> {
      reply.header('cache-control', 'no-store')
      const session = client?.session
      return client === null || session === undefined ? null : toSessionDto({ session, client }, session)
    },
  })

  app.delete('/console/session', {
    config: { access: 'optional' },
    schema: {
      operationId: 'endSession',
      tags: ['sessions'],
      summary: 'Sign out',
      description: 'Ends the session of this request. Does nothing without one.',
      response: {
        204: z.null().meta({ description: 'The browser is signed out.' }),
        ...problems('unauthorized', 'cross_site', 'rate_limited', 'overloaded', 'internal'),
      },
    },
    async handler(request, reply) {
      const { client } = request
      if (client?.session !== undefined) await sessions.end(client, client.session.id)
      return reply
        .code(204)
        .header('set-cookie', noSessionCookie(isSecure(request)))
        .send(null)
    },
  })
}

async function openSession(
  request: FastifyRequest<{ Body: z.output<typeof SessionRequest> }>,
  reply: FastifyReply,
  { sessions, signIn }: SessionRoutesDeps,
): Promise<OpenedSession> {
  const { key, ticket = '' } = request.body
  const userAgent = request.headers['user-agent'] ?? null
  if (key !== undefined) return sessions.open(await signIn.admitKey(request, reply, key), key, userAgent)
  const opened = await sessions.exchange(ticket, { origin: originOf(request), userAgent })
  return opened ?? signIn.refuseTicket(request, reply)
}

function isSecure({ protocol }: FastifyRequest): boolean {
  return protocol === 'https'
}
