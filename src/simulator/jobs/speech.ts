import type { FastifyRequest } from 'fastify'
import { envelope } from './vendor-error.ts'
import type { VendorError } from './vendor-error.ts'

export interface Reply {
  status: number
  headers: Record<string, string>
  body: object | string
}

/** How the vendors of a dialect talk, apart from their endpoints. */
export interface Speech {
  /** The error in this vendor's words and envelope. */
  say(error: VendorError): Reply
  /** The code of a moderation verdict: at create, and of a job that was rendered in vain. */
  refusal: { atCreate: string; late: string }
  /** A create's answer that lacks the id. */
  withoutId: object
  /** An id in the form of this dialect's vendors. */
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

/** `Authorization: Bearer …`, which most vendors want. */
export function hasBearer(headers: FastifyRequest['headers'], apiKey: string): boolean {
  return headers.authorization === `Bearer ${apiKey}`
}

/** The error of new-api for a task (docs/vendors/relays.md#new-api): its code and message, and no envelope. */
export function taskErrorReply(status: number, code: string, message: string): Reply {
  return jsonReply(status, { code, message, data: null })
}

/**
 * The envelope of docs/vendors/openai-videos.md#error-body, which resellers use too; what only resellers were seen to say
 * (overload, a paused model, no channel: docs/vendors/failure-modes.md#availability) is as they say it.
 */
export function sayEnvelope(error: VendorError): Reply {
  const { kind, status, code, message } = error
  if (kind === 'paused') return jsonReply(status, { code: status, msg: message })
  const isTaskError = kind === 'overloaded' || kind === 'no_channel' || code === 'fail_to_fetch_task'
  // One of the variants of overload has an envelope after all.
  if (!isTaskError || code === 'rate_limited') return jsonReply(status, envelope(error))
  return taskErrorReply(status, code ?? 'do_response_failed', message)
}

/** As `sayEnvelope`, with new-api's word for a task that it does not know (docs/vendors/failure-modes.md#lost-job). */
export function sayTaskError(error: VendorError): Reply {
  return error.kind === 'job_unknown'
    ? taskErrorReply(404, 'task_not_exist', 'task_not_exist')
    : sayEnvelope(error)
}
