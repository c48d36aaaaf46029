import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../domain/problem.ts'

export interface BodyBounds {
  /**
   * The limits of request bodies in memory, per key and in total, in bytes. While it is parsed, a body needs up to four
   * times its size.
   */
  perKey: number
  overall: number
}

const MiB = 1024 * 1024

export const defaultBodyBounds: BodyBounds = { perKey: 64 * MiB, overall: 192 * MiB }

/** Smaller ones are bounded by the number of connections. */
const uncountedBytes = 16 * 1024
/** The text of any body. Files go to the disk while they arrive, also those of data URLs. */
export const mostTextBytes = MiB

/** The memory that a request body may need. Without a Content-Length, the limit of the route counts. */
function weightOf({ headers, routeOptions }: FastifyRequest): number {
  const isForm = headers['content-type']?.startsWith('multipart/') === true
  const most = isForm ? mostTextBytes : Math.min(routeOptions.bodyLimit, mostTextBytes)
  if (headers['transfer-encoding'] !== undefined) return most
  return Math.min(Number(headers['content-length'] ?? 0), most)
}

/**
 * Limits the bytes of all bodies in memory, from before the first byte until the response is sent. A request above the
 * limit is rejected before it has any effect, so it can be retried.
 */
export function boundBodies(app: FastifyInstance, { perKey, overall }: BodyBounds): void {
  const held = new Map<string, number>()
  let all = 0

  function giveBack(key: string, bytes: number): void {
    all -= bytes
    const left = (held.get(key) ?? bytes) - bytes
    if (left === 0) held.delete(key)
    else held.set(key, left)
  }

  app.addHook('preParsing', (request, reply, payload, done) => {
    const bytes = weightOf(request)
    if (bytes <= uncountedBytes) {
      done(null, payload)
      return
    }
    const { client } = request
    // Requests without a key share one budget.
    const key = client === null ? '' : `${client.tenant}/${client.key}`
    const own = held.get(key) ?? 0
    if (own > 0 && own + bytes > perKey) {
      const detail = `The request bodies of this key already use ${Math.round(own / MiB)} MiB of memory. Try again later.`
      done(new Problem('rate_limited', detail))
      return
    }
    if (all > 0 && all + bytes > overall) {
      done(
        new Problem('overloaded', 'The limit of large request bodies in memory is reached. Try again later.'),
      )
      return
    }
    all += bytes
    held.set(key, own + bytes)
    reply.raw.once('close', () => giveBack(key, bytes))
    done(null, payload)
  })
}
