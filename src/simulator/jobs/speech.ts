import type { FastifyRequest } from 'fastify'
import { envelope } from './vendor-error.ts'
import type { VendorError } from './vendor-error.ts'

export interface Reply {
  status: number
  headers: Record<string, string>
  body: object | string
}

/** How the vendors of a dialect word their responses, apart from their endpoints. */
export interface Speech {
  /** The error in this vendor's words and envelope. */
  say(error: VendorError): Reply
  /** The code of a refusal: at create, and for a job that was rendered first. */
  refusal: { atCreate: string; late: string }
  /** The response to a create, without the id. */
  withoutId: object
  /** A new id in the format of this dialect's vendors. */
  newJobId(model: string): string
  /** @param at milliseconds since the epoch, by the simulator's clock */
  isAuthorized(headers: FastifyRequest['headers'], apiKey: string, at: number): boolean
}

export const jsonReply = (status: number, body: object, headers: Record<string, string> = {}): Reply => ({
  status,
  headers,
  body,
})

export const page =
  '<!doctype html><html><head><title>Console</title></head><body><div id="root"></div></body></html>'

export const htmlReply = (status: number, body = page): Reply => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body,
})

/** `Authorization: Bearer …`, as most vendors require. */
export function hasBearer(headers: FastifyRequest['headers'], apiKey: string): boolean {
  return headers.authorization === `Bearer ${apiKey}`
}

/** new-api's error for a task (docs/vendors/relays.md#new-api): its code and message, without an envelope. */
export function taskErrorReply(status: number, code: string, message: string): Reply {
  return jsonReply(status, { code, message, data: null })
}

/**
 * The envelope of docs/vendors/openai-videos.md#error-body, which resellers use too. Errors that only resellers were
 * seen to return (overload, a paused model, no channel: docs/vendors/failure-modes.md#availability) have the resellers'
 * messages.
 */
export function sayEnvelope(error: VendorError): Reply {
  const { kind, status, code, message } = error
  if (kind === 'paused') return jsonReply(status, { code: status, msg: message })
  const isTaskError = kind === 'overloaded' || kind === 'no_channel' || code === 'fail_to_fetch_task'
  // One of the variants of overload does have an envelope.
  if (!isTaskError || code === 'rate_limited') return jsonReply(status, envelope(error))
  return taskErrorReply(status, code ?? 'do_response_failed', message)
}

/** Same as `sayEnvelope`, with new-api's code for an unknown task (docs/vendors/failure-modes.md#lost-job). */
export function sayTaskError(error: VendorError): Reply {
  return error.kind === 'job_unknown'
    ? taskErrorReply(404, 'task_not_exist', 'task_not_exist')
    : sayEnvelope(error)
}
