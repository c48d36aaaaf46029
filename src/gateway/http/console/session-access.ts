import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../domain/problem.ts'
import type { FoundSession, SessionService } from '../../services/accounts/sessions.ts'
import { sessionTokenOf } from './cookie.ts'
import { isOwnOrigin, isWrite } from './own-origin.ts'

export interface SessionAccessDeps {
  sessions: Pick<SessionService, 'find'>
  /** The configured address of this server; null where there is none. */
  publicUrl: string | null
}

export interface SessionAccess {
  /** The cookie of a call without a key; null for a call with one, however it sends it. */
  tokenOf(request: FastifyRequest): string | null
  /** Throws `cross_site` for a write that no page of this server sent. */
  find(request: FastifyRequest, token: string): Promise<FoundSession>
}

export function createSessionAccess({ sessions, publicUrl }: SessionAccessDeps): SessionAccess {
  return {
    tokenOf({ headers, protocol }) {
      if (headers.authorization !== undefined || headers['api-key'] !== undefined) return null
      return sessionTokenOf(headers.cookie, protocol === 'https')
    },
    async find(request, token) {
      checkOrigin(request, publicUrl)
      return sessions.find(token)
    },
  }
}

/** Throws `cross_site` for a write whose `Origin` is not this server's own. */
export function checkOrigin(request: FastifyRequest, publicUrl: string | null): void {
  if (!isWrite(request.method) || isOwnOrigin(request.headers.origin, request, publicUrl)) return
  throw new Problem(
    'cross_site',
    'With a session, requests that change something must come from a page of this server. Behind a proxy, set server.public_url, or server.trust_proxy. Programs send an API key instead.',
  )
}

export function sessionOver(reply: FastifyReply): Problem {
  reply.header('www-authenticate', 'Bearer realm="understudy", error="invalid_token"')
  const detail = 'The session has ended. Sign in again.'
  return new Problem('unauthorized', detail, { faults: [{ pointer: '#/headers/cookie', detail }] })
}
