import { LogController } from 'fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * One line per answered request, with the route's pattern: URLs carry media tokens and search words, and those stay out
 * of the log.
 */
export class AccessLog extends LogController {
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
    if (error === null || error === undefined) request.log.info(line, 'request completed')
    else request.log.warn({ ...line, err: error }, 'response interrupted')
  }

  override streamError(error: Error, request: FastifyRequest): void {
    const gone = 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
    if (gone) request.log.debug('client disconnected before the response was complete')
    else request.log.warn({ err: error }, 'response interrupted')
  }
}
