import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { Problem } from '../domain/problem.ts'
import { faultOfJson } from './json-faults.ts'

/**
 * JSON is the only kind of body unless a route says otherwise. An empty one counts as none, because many clients send the
 * content type with every POST; bytes that are not UTF-8 are refused instead of being replaced silently, and so is what the parser would let pass silently.
 */
export function takeJsonOnly(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    if (bytes.length === 0) {
      done(null, undefined)
      return
    }
    if (!isUtf8(bytes)) {
      done(new Problem('malformed_body', 'The body is not UTF-8.'), undefined)
      return
    }
    const text = bytes.toString()
    const fault = faultOfJson(text)
    if (fault === null) void parseJson(request, text, done)
    else done(fault, undefined)
  })
}
