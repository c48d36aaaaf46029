import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SimulatedCharacter } from '../clips/character-book.ts'
import { sendError } from '../dialect.ts'
import type { Desk } from '../dialect.ts'
import type { Job, Order } from './job.ts'
import type { Verdict } from './vendor-error.ts'

/** Makes a job of an order and answers nothing yet; null when the request has been answered, or never will be. */
export function takeOrder(
  desk: Desk,
  request: FastifyRequest,
  reply: FastifyReply,
  order: Verdict<Order>,
): Job | null {
  const job = order.ok ? desk.vendor.admit(order.value, idempotencyKey(desk, request)) : order
  if (!job.ok) {
    void sendError(reply, desk, job.error)
    return null
  }
  return desk.gate.afterAccept('create', request, reply) ? null : job.value
}

/** What a dialect has read about a character that is to be made. */
export interface WantedCharacter {
  name: string
  description?: string | null
  source: SimulatedCharacter['source']
  span?: SimulatedCharacter['span']
  id: string
  /** Absent where the vendor has no handles: the id it is. */
  handle?: string
  taskId?: string
  groupId?: string
}

/** Makes a character, at once or in time; null as above. */
export function takeCharacter(
  desk: Desk,
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: Verdict<WantedCharacter>,
  takesTime: boolean,
): SimulatedCharacter | null {
  const made = wanted.ok ? admitCharacter(desk, request, wanted.value, takesTime) : wanted
  if (!made.ok) {
    void sendError(reply, desk, made.error)
    return null
  }
  return desk.gate.afterAccept('character_create', request, reply) ? null : made.value
}

function admitCharacter(
  desk: Desk,
  request: FastifyRequest,
  wanted: WantedCharacter,
  takesTime: boolean,
): Verdict<SimulatedCharacter> {
  const { name, description = null, source, span = null, id, handle = id } = wanted
  const { taskId = null, groupId = null } = wanted
  const createdAt = desk.vendor.clock.now()
  const given = { id, handle, taskId, groupId, name, description, source, span, createdAt }
  return desk.vendor.admitCharacter(given, takesTime, idempotencyKey(desk, request))
}

/** The request's key under the header that the upstream honours, if it honours one. */
function idempotencyKey({ vendor }: Desk, request: FastifyRequest): string | null {
  const name = vendor.upstream.idempotencyHeader?.toLowerCase()
  const value = name === undefined ? undefined : request.headers[name]
  return typeof value === 'string' && value !== '' ? value : null
}
