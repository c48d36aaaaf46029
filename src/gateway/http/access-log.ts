import { LogController } from 'fastify'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'

/**
 * One line per answered request, with the route's pattern: URLs carry media tokens and search words, and those stay out
 * of the log.
 */
export class AccessLog extends LogController {
  /** Nothing in a line is a secret; looking for one costs as much as writing the line. */
  #plain: FastifyBaseLogger | undefined

  constructor() {
    super({ requestIdLogLabel: 'request_id' })
  }

  override incomingRequest(): void {
    // The line at the end says it all.
  }

  override requestCompleted(
    error: Error | null | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const line = {
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      client: request.client?.key ?? null,
    }
    if (error === null || error === undefined) {
      this.#plain ??= request.server.log.child({}, { redact: [] })
      this.#plain.info({ request_id: request.id, ...line }, 'request completed')
    } else request.log.warn({ ...line, err: error }, 'response interrupted')
  }

  override streamError(error: Error, request: FastifyRequest): void {
    const gone = 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
    if (gone) request.log.debug('client disconnected before the response was complete')
    else request.log.warn({ err: error }, 'response interrupted')
  }
}
