import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Client, Origin, Scope } from '../domain/accounts/client.ts'

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

/** Of routes that want a key. */
export type KeyedAccess = Exclude<Access, 'public' | 'optional' | 'signature'>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route that says nothing is as closed as they come: `generate`. */
    access?: Access
    /** Asks after one thing, as callers do again and again until it is done: counted apart from other requests. */
    polled?: true
    /** Asked while somebody types, and nothing is sent or stored: counted apart from other requests, and from polls. */
    previewed?: true
    /** An event stream: a ticket in its address opens it, too. */
    ticketed?: true
    /** What a handler that reads its body itself takes, by content type; for the OpenAPI document. */
    bodies?: Record<string, z.ZodType>
  }
  interface FastifyRequest {
    client: Client | null
  }
}

/** Any one of these scopes opens the route. An admin key administers; it neither makes nor sees anybody's videos. */
export const scopesFor: Record<KeyedAccess, Scope[]> = {
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
