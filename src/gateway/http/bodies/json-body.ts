import { isUtf8 } from 'node:buffer'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../domain/problem.ts'
import { faultOfJson } from './json-faults.ts'

/** Throws `malformed_body` or `validation_failed`, also for what the parser would let pass silently. */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new Problem('malformed_body', 'The body is not valid UTF-8.')
  const text = bytes.toString()
  const fault = faultOfJson(text)
  if (fault !== null) throw fault
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Problem('malformed_body', 'The body is not valid JSON.', {
      cause: error,
    })
  }
}

/**
 * JSON is the only kind of body unless a route says otherwise. An empty one counts as none, because many clients send the
 * content type with every POST; bytes that are not UTF-8 are refused instead of being replaced silently.
 */
export function takeJsonOnly(app: FastifyInstance): void {
  app.removeContentTypeParser(['text/plain', 'application/json'])
  app.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, bytes: Buffer) => (bytes.length === 0 ? undefined : parseJson(bytes)),
  )
}

/** JSON is left unread, for handlers that read it with `readStreamedJson`. For the routes of this scope only. */
export function leaveJsonUnread(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', async () => undefined)
}
