import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SimulatedCharacter } from '../clips/character-book.ts'
import { sendError } from '../dialect.ts'
import type { VendorContext } from '../dialect.ts'
import type { Job, Order } from './job.ts'
import type { Verdict } from './vendor-error.ts'

/** Creates a job without responding; null if a response was sent, or never will be. */
export function acceptCreate(
  context: VendorContext,
  request: FastifyRequest,
  reply: FastifyReply,
  order: Verdict<Order>,
): Job | null {
  const job = order.ok ? context.vendor.admit(order.value, idempotencyKey(context, request)) : order
  if (!job.ok) {
    void sendError(reply, context, job.error)
    return null
  }
  return context.gate.afterAccept('create', request, reply) ? null : job.value
}

/** The character that a request asks for. */
export interface WantedCharacter {
  name: string
  description?: string | null
  source: SimulatedCharacter['source']
  span?: SimulatedCharacter['span']
  id: string
  /** Absent if the vendor has no handles, and uses the id. */
  handle?: string
  taskId?: string
  groupId?: string
}

/** Creates a character, immediately or after a while; null as above. */
export function takeCharacter(
  context: VendorContext,
  wanted: Verdict<WantedCharacter>,
  { request, reply, takesTime }: { request: FastifyRequest; reply: FastifyReply; takesTime: boolean },
): SimulatedCharacter | null {
  const made = wanted.ok ? admitCharacter(context, request, wanted.value, takesTime) : wanted
  if (!made.ok) {
    void sendError(reply, context, made.error)
    return null
  }
  return context.gate.afterAccept('character_create', request, reply) ? null : made.value
}

function admitCharacter(
  context: VendorContext,
  request: FastifyRequest,
  wanted: WantedCharacter,
  takesTime: boolean,
): Verdict<SimulatedCharacter> {
  const { name, description = null, source, span = null, id, handle = id } = wanted
  const { taskId = null, groupId = null } = wanted
  const createdAt = context.vendor.clock.now()
  const given = { id, handle, taskId, groupId, name, description, source, span, createdAt }
  return context.vendor.admitCharacter(given, takesTime, idempotencyKey(context, request))
}

/** The request's idempotency key, if the upstream supports such a header. */
function idempotencyKey({ vendor }: VendorContext, request: FastifyRequest): string | null {
  const name = vendor.upstream.idempotencyHeader?.toLowerCase()
  const value = name === undefined ? undefined : request.headers[name]
  return typeof value === 'string' && value !== '' ? value : null
}
