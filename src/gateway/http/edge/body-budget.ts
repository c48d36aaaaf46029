import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../domain/problem.ts'

export interface BodyBounds {
  /** Bytes of bodies in memory at the same time: of one key, and of all. While it is read a body takes up to four times as much. */
  perKey: number
  overall: number
}

const MiB = 1024 * 1024

export const defaultBodyBounds: BodyBounds = { perKey: 64 * MiB, overall: 192 * MiB }

/** Smaller ones are bounded by the number of connections. */
const uncountedBytes = 16 * 1024
/** The text of any body. Files go to the disk while they arrive, also those of data URLs. */
export const mostTextBytes = MiB

/** What the body of a request may come to hold in memory. One without a length may be as long as the route allows. */
function weightOf({ headers, routeOptions }: FastifyRequest): number {
  const isForm = headers['content-type']?.startsWith('multipart/') === true
  const most = isForm ? mostTextBytes : Math.min(routeOptions.bodyLimit, mostTextBytes)
  if (headers['transfer-encoding'] !== undefined) return most
  return Math.min(Number(headers['content-length'] ?? 0), most)
}

/**
 * Bounds the bytes of all bodies that are held at the same time, from before the first byte is read until the answer is out.
 * Above it a call is refused and may be repeated: nothing of it was done.
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
    // Whoever needs no key shares one place.
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
