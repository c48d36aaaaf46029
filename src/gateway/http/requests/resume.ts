import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Problem } from '../../domain/problem.ts'

export const resumeHeaders = z.looseObject({
  'last-event-id': z
    .string()
    .regex(/^\d{1,16}$/, 'must be the id of an event')
    .optional()
    .meta({ description: 'Resume after this event. Browsers send this header when they reconnect.' }),
})

export const resumeQuery = z.strictObject({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(0)
    .meta({ description: 'Same as `Last-Event-ID`, which takes precedence.' }),
  ticket: z
    .string()
    .max(1024)
    .optional()
    .meta({ description: 'Of `POST /event-tickets`, instead of an API key.' }),
})

/** The number of the last event that the caller has. */
export function lastSeen({ headers }: FastifyRequest, { after }: { after: number }): number {
  return Number(headers['last-event-id'] ?? after)
}

/** The same; throws `not_acceptable` where a stream is not what the caller wants. */
export function resumedAfter(request: FastifyRequest, asked: { after: number }): number {
  const { accept = '*/*' } = request.headers
  if (!/(?:^|[\s,])(?:text\/event-stream|text\/\*|\*\/\*)(?:$|[\s,;])/i.test(accept))
    throw new Problem(
      'not_acceptable',
      'The response is text/event-stream. Send an Accept header that allows it.',
    )
  return lastSeen(request, asked)
}
