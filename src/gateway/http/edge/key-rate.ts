import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Client } from '../../domain/accounts/client.ts'
import { Problem } from '../../domain/problem.ts'

export type RateCheck = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Many times the limit of other requests, so that waiting or typing never uses it up, and a loop that does not wait ends. */
const pollsPerRequest = 10
const previewsPerRequest = 10

/**
 * Counts per key, for keys that have a limit; the others do not pay for it. The headers are those of
 * draft-ietf-httpapi-ratelimit-headers: what the policy is, what remains of it, and for how many seconds.
 */
export function createRateCheck(
  app: FastifyInstance,
  clientOf: (request: FastifyRequest) => Client,
): RateCheck {
  const counter = (times: number) =>
    app.createRateLimit({
      timeWindow: 60_000,
      keyGenerator: (request) => `${clientOf(request).tenant}/${clientOf(request).key}`,
      max: (request) => (clientOf(request).requestsPerMinute ?? Number.MAX_SAFE_INTEGER) * times,
    })
  const requests = { count: counter(1), policy: 'minute', noun: 'requests' }
  const polls = { count: counter(pollsPerRequest), policy: 'polls', noun: 'polls' }
  const previews = { count: counter(previewsPerRequest), policy: 'previews', noun: 'previews' }
  return async (request, reply) => {
    const { polled, previewed } = request.routeOptions.config
    const { count, policy, noun } = polled === true ? polls : previewed === true ? previews : requests
    const counted = await count(request)
    if (counted.isAllowed) return
    const { max, remaining, ttlInSeconds } = counted
    reply.headers({
      'ratelimit-policy': `"${policy}";q=${max};w=60`,
      ratelimit: `"${policy}";r=${remaining};t=${ttlInSeconds}`,
    })
    if (!counted.isExceeded) return
    reply.header('retry-after', ttlInSeconds)
    throw new Problem(
      'rate_limited',
      `The limit of this key is ${max} ${noun} per minute. Retry after the time in Retry-After.`,
    )
  }
}
