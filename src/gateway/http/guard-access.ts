import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import type { Client, Scope } from '../domain/accounts/client.ts'
import { Problem } from '../domain/problem.ts'
import type { RequestCounts } from '../ports/accounts/request-counts.ts'
import type { EventTickets } from '../services/accounts/event-tickets.ts'
import type { Authenticate } from '../services/operations/operations.ts'
import { clientOf, originOf, scopesFor } from './access.ts'
import type { Access, KeyedAccess } from './access.ts'
import { createSignIn, wrongKey } from './console/sign-in.ts'
import type { SignIn } from './console/sign-in.ts'
import { createSessionAccess, sessionOver } from './console/session-access.ts'
import type { SessionAccess, SessionAccessDeps } from './console/session-access.ts'
import { createFailureBrake } from './edge/failed-authentication.ts'
import type { FailureBrake, FailureRules } from './edge/failed-authentication.ts'
import { createRateCheck } from './edge/key-rate.ts'
import type { RateCheck } from './edge/key-rate.ts'
import { createTicketAccess, ticketOver } from './edge/ticket-access.ts'
import type { TicketAccess } from './edge/ticket-access.ts'
import { leadsNowhere } from './unmatched.ts'

/** `api-key` is what clients of Azure OpenAI send instead. */
function tokenOf({ authorization, 'api-key': apiKey }: FastifyRequest['headers']): string | null {
  if (authorization === undefined && typeof apiKey === 'string')
    return /^\S{1,1024}$/.exec(apiKey)?.[0] ?? null
  return /^Bearer +(\S{1,1024}) *$/i.exec(authorization ?? '')?.[1] ?? null
}

function unauthorized(reply: FastifyReply, token: string | null): Problem {
  const challenge = 'Bearer realm="understudy"'
  reply.header('www-authenticate', token === null ? challenge : `${challenge}, error="invalid_token"`)
  const detail =
    token === null ? 'Send an API key of this gateway as `Authorization: Bearer <key>`.' : wrongKey
  return new Problem('unauthorized', detail)
}

function forbidden(reply: FastifyReply, scopes: Scope[]): Problem {
  // One that would do: the attribute lists what is needed together (RFC 6750 §3), not a choice.
  const [scope] = scopes
  reply.header('www-authenticate', `Bearer realm="understudy", error="insufficient_scope", scope="${scope}"`)
  return new Problem('forbidden', `This operation requires an API key with the scope ${scopes.join(' or ')}.`)
}

async function follow(check: Promise<void>, done: HookHandlerDoneFunction): Promise<void> {
  try {
    await check
  } catch (error) {
    done(
      error instanceof Error
        ? error
        : new Error('The rate limit could not be checked. Try again.', { cause: error }),
    )
    return
  }
  done()
}

export interface AccessDeps extends SessionAccessDeps {
  authenticate: Authenticate
  eventTickets: Pick<EventTickets, 'find'>
  failures: FailureRules
  /** Who counts the requests of a key; null: this process alone. */
  requestCounts: RequestCounts | null
  /** An address has sent as many unknown keys in a minute as it may before it is slowed down. */
  onUnknownKeys: (address: string) => void
}

/** Lets a call pass, or throws the problem to answer it with. For calls that no hook sees. */
export type AccessCheck = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Null where these scopes are enough. */
function scopeFault(reply: FastifyReply, client: Client, access: KeyedAccess | 'optional'): Problem | null {
  if (access === 'optional') return null
  const scopes = scopesFor[access]
  return scopes.some((scope) => client.scopes.includes(scope)) ? null : forbidden(reply, scopes)
}

type Check = (
  request: FastifyRequest,
  reply: FastifyReply,
  access: Access,
  done: HookHandlerDoneFunction,
) => void

interface Checks {
  tickets: TicketAccess
  session: SessionAccess
  authenticate: Authenticate
  checkRate: RateCheck
  slowDown: FailureBrake
}

/** Sets the client of the call. */
function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  { client, checkRate }: { client: Client; checkRate: RateCheck },
): Promise<void> | null {
  request.client = { ...client, origin: originOf(request) }
  return client.requestsPerMinute === null ? null : checkRate(request, reply)
}

async function checkSession(
  request: FastifyRequest,
  reply: FastifyReply,
  {
    session,
    slowDown,
    checkRate,
    access,
    token,
  }: Checks & { access: KeyedAccess | 'optional'; token: string },
): Promise<void> {
  const found = await session.find(request, token)
  if (found.type === 'unknown') await slowDown(request, reply)
  if (found.type !== 'open') {
    if (access === 'optional') return
    throw sessionOver(reply)
  }
  const { client } = found
  const fault = scopeFault(reply, client, access)
  if (fault !== null) throw fault
  await admit(request, reply, { client, checkRate })
}

async function checkTicket(
  request: FastifyRequest,
  reply: FastifyReply,
  {
    tickets,
    slowDown,
    checkRate,
    access,
    ticket,
  }: Checks & { access: KeyedAccess | 'optional'; ticket: string },
): Promise<void> {
  const found = tickets.find(request, ticket)
  if (found.type === 'unknown') await slowDown(request, reply)
  if (found.type !== 'open') throw ticketOver()
  const fault = scopeFault(reply, found.client, access)
  if (fault !== null) throw fault
  await admit(request, reply, { client: found.client, checkRate })
}

/** A call with a key that has no rate is decided at once: no promise stands in its way. */
function createCheck(checks: Checks): Check {
  const { session, tickets, authenticate, checkRate, slowDown } = checks
  const refuse = async (
    request: FastifyRequest,
    reply: FastifyReply,
    token: string | null,
  ): Promise<never> => {
    // A call without any key is no guess.
    if (token !== null) await slowDown(request, reply)
    throw unauthorized(reply, token)
  }
  return (request, reply, access, done) => {
    if (access === 'public' || access === 'signature') {
      done()
      return
    }
    const ticket = tickets.ticketOf(request)
    if (ticket !== null) {
      void follow(checkTicket(request, reply, { ...checks, access, ticket }), done)
      return
    }
    const cookie = session.tokenOf(request)
    if (cookie !== null) {
      void follow(checkSession(request, reply, { ...checks, access, token: cookie }), done)
      return
    }
    const token = tokenOf(request.headers)
    if (token === null && access === 'optional') {
      done()
      return
    }
    const client = token === null ? null : authenticate(token)
    if (client === null) {
      void follow(refuse(request, reply, token), done)
      return
    }
    const fault = scopeFault(reply, client, access)
    if (fault !== null) {
      done(fault)
      return
    }
    const counted = admit(request, reply, { client, checkRate })
    if (counted === null) done()
    else void follow(counted, done)
  }
}

/**
 * Guards every route of `app` by its `config.access`, before any byte of a body is read. The `check` that it returns is for
 * calls that come to no route: it counts them like calls to a path that leads nowhere.
 */
export async function guardAccess(
  app: FastifyInstance,
  deps: AccessDeps,
): Promise<{ check: AccessCheck; signIn: SignIn }> {
  const { authenticate } = deps
  await app.register(rateLimit, { global: false })
  const checkRate = createRateCheck(app, clientOf, deps.requestCounts)
  const slowDown = createFailureBrake(app, deps.failures, deps.onUnknownKeys)
  const session = createSessionAccess(deps)
  const tickets = createTicketAccess(deps.eventTickets)
  const check = createCheck({ session, tickets, authenticate, checkRate, slowDown })
  const signIn = createSignIn({
    authenticate,
    slowDown,
    async admit(request, reply, client) {
      await admit(request, reply, { client, checkRate })
      return clientOf(request)
    },
  })
  app.decorateRequest('client', null)
  app.addHook('onRequest', (request, reply, done) => {
    // A path that leads nowhere opens for everybody, but tells no more about a key than any other, and is no way around its rate.
    const access = leadsNowhere(request) ? 'optional' : (request.routeOptions.config.access ?? 'generate')
    check(request, reply, access, done)
  })
  return {
    signIn,
    check: (request, reply) =>
      new Promise((resolve, reject) => {
        check(request, reply, 'optional', (error) => (error === undefined ? resolve() : reject(error)))
      }),
  }
}
