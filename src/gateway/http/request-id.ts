import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

const usable = /^[\w.:@/+=-]{1,128}$/

/** The caller's `x-request-id` when it is short and harmless in a log line, else a new id. */
export function requestId(raw: { headers: IncomingHttpHeaders }): string {
  const asked = raw.headers['x-request-id']
  return typeof asked === 'string' && usable.test(asked) ? asked : `req_${randomUUID()}`
}
