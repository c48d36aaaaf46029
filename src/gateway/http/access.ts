import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import type { z } from 'zod'
import type { Client, Origin, Scope } from '../domain/accounts/client.ts'
import { Problem } from '../domain/problem.ts'
import type { Authenticate } from '../services/operations/operations.ts'
import { createFailureBrake } from './edge/failed-authentication.ts'
import type { FailureRules } from './edge/failed-authentication.ts'

/**
 * Who may call a route: `public` needs no key, nor does `signature`, where the handler checks who signed the body;
 * `view` and `act` are for what tenants do with their own work, and observers and operators with everybody's. `oversee` is for
 * figures of all tenants. `operations` takes a key of any scope. `optional` needs none, but one that is sent is checked and counted.
 */
export type Access =
  | 'public'
  | 'optional'
  | 'signature'
  | 'generate'
  | 'act'
  | 'read'
  | 'view'
  | 'operations'
  | 'observe'
  | 'operate'
  | 'oversee'
  | 'admin'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route that says nothing is as closed as they come: `generate`. */
    access?: Access
    /** Asks after one thing, as callers do again and again until it is done: counted apart from other requests. */
    polled?: true
    /** Asked while somebody types, and nothing is sent or stored: counted apart from other requests, and from polls. */
    previewed?: true
    /** What a handler that reads its body itself takes, by content type; for the OpenAPI document. */
    bodies?: Record<string, z.ZodType>
  }
  interface FastifyRequest {
    client: Client | null
  }
}

/** Any one of these scopes opens the route. An admin key administers; it neither makes nor sees anybody's videos. */
export const scopesFor: Record<Exclude<Access, 'public' | 'optional' | 'signature'>, Scope[]> = {
  generate: ['generate'],
  act: ['generate', 'operate'],
  read: ['read', 'generate'],
  view: ['read', 'generate', 'observe', 'operate'],
  operations: ['admin', 'read', 'generate', 'observe', 'operate'],
  observe: ['observe', 'operate'],
  operate: ['operate'],
  oversee: ['admin', 'observe', 'operate'],
  admin: ['admin'],
}

/** Whoever passed the access check of this call. */
export function clientOf(request: FastifyRequest): Client {
  if (request.client === null) throw new Error(`${request.routeOptions.url} is public and has no client`)
  return request.client
}

/** Where a call came from, also where it has no key. */
export function originOf(request: FastifyRequest): Origin {
  return { address: request.ip, requestId: request.id }
}

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
    token === null
      ? 'Send an API key of this gateway as `Authorization: Bearer <key>`.'
      : 'The API key is not valid. Check the key, or ask an administrator for a new one.'
  return new Problem('unauthorized', detail)
}

function forbidden(reply: FastifyReply, scopes: Scope[]): Problem {
  // One that would do: the attribute lists what is needed together (RFC 6750 §3), not a choice.
  const [scope] = scopes
  reply.header('www-authenticate', `Bearer realm="understudy", error="insufficient_scope", scope="${scope}"`)
  return new Problem('forbidden', `This operation requires an API key with the scope ${scopes.join(' or ')}.`)
}

type RateCheck = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Many times the limit of other requests, so that waiting or typing never uses it up, and a loop that does not wait ends. */
const pollsPerRequest = 10
const previewsPerRequest = 10

/**
 * Counts per key, for keys that have a limit; the others do not pay for it. The headers are those of
 * draft-ietf-httpapi-ratelimit-headers: what the policy is, what remains of it, and for how many seconds.
 */
function createRateCheck(app: FastifyInstance): RateCheck {
  const counter = (times: number) =>
    app.createRateLimit({
      timeWindow: 60_000,
      keyGenerator: (request) => `${clientOf(request).tenant}/${clientOf(request).key}`,
      max: (request) => (clientOf(request).requestsPerMinute ?? Number.MAX_SAFE_INTEGER) * times,
    })
  const requests = { count: counter(1), policy: 'minute', noun: 'requests' }
  const polls = { count: counter(pollsPerRequest), policy: 'polls', noun: 'polls' }
  const previews = { count: counter(previewsPerRequest), policy: 'previews', noun: 'previews' }
  return async (request, reply) => {
    const { polled, previewed } = request.routeOptions.config
    const { count, policy, noun } = polled === true ? polls : previewed === true ? previews : requests
    const counted = await count(request)
    if (counted.isAllowed) return
    const { max, remaining, ttlInSeconds } = counted
    reply.headers({
      'ratelimit-policy': `"${policy}";q=${max};w=60`,
      ratelimit: `"${policy}";r=${remaining};t=${ttlInSeconds}`,
    })
    if (!counted.isExceeded) return
    reply.header('retry-after', ttlInSeconds)
    throw new Problem(
      'rate_limited',
      `The limit of this key is ${max} ${noun} per minute. Retry after the time in Retry-After.`,
    )
  }
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

export interface AccessDeps {
  authenticate: Authenticate
  failures: FailureRules
  /** An address has sent as many unknown keys in a minute as it may before it is slowed down. */
  onUnknownKeys: (address: string) => void
}

/** Lets a call pass, or throws the problem to answer it with. For calls that no hook sees. */
export type AccessCheck = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/**
 * Guards every route of `app` by its `config.access`, before any byte of a body is read. What it returns is for calls that
 * come to no route: it counts them like calls to a path that leads nowhere.
 */
export async function guardAccess(
  app: FastifyInstance,
  { authenticate, failures, onUnknownKeys }: AccessDeps,
): Promise<AccessCheck> {
  await app.register(rateLimit, { global: false })
  const checkRate = createRateCheck(app)
  const slowDown = createFailureBrake(app, failures, onUnknownKeys)
  const refuse = async (
    request: FastifyRequest,
    reply: FastifyReply,
    token: string | null,
  ): Promise<never> => {
    // A call without any key is no guess.
    if (token !== null) await slowDown(request, reply)
    throw unauthorized(reply, token)
  }

  function check(
    request: FastifyRequest,
    reply: FastifyReply,
    access: Access,
    done: HookHandlerDoneFunction,
  ): void {
    if (access === 'public' || access === 'signature') {
      done()
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
    const scopes = access === 'optional' ? client.scopes : scopesFor[access]
    if (!scopes.some((scope) => client.scopes.includes(scope))) {
      done(forbidden(reply, scopes))
      return
    }
    request.client = { ...client, origin: originOf(request) }
    if (client.requestsPerMinute === null) done()
    else void follow(checkRate(request, reply), done)
  }

  app.decorateRequest('client', null)
  app.addHook('onRequest', (request, reply, done) => {
    // A path that leads nowhere opens for everybody, but tells no more about a key than any other, and is no way around its rate.
    const access = request.is404 ? 'optional' : (request.routeOptions.config.access ?? 'generate')
    check(request, reply, access, done)
  })
  return (request, reply) =>
    new Promise((resolve, reject) => {
      check(request, reply, 'optional', (error) => (error === undefined ? resolve() : reject(error)))
    })
}
