import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Client } from '../../domain/accounts/client.ts'
import { Problem } from '../../domain/problem.ts'
import type { RequestCounts } from '../../ports/accounts/request-counts.ts'

export type RateCheck = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Many times the limit of other requests, so that waiting or typing never uses it up, and a loop that does not wait ends. */
const pollsPerRequest = 10
const previewsPerRequest = 10

const windowMs = 60_000

interface Counted {
  max: number
  remaining: number
  ttlInSeconds: number
  isExceeded: boolean
}

type Count = (request: FastifyRequest) => Promise<Counted | null>

/**
 * Counts per key, for keys that have a limit; the others do not pay for it. The headers are those of
 * draft-ietf-httpapi-ratelimit-headers: what the policy is, what remains of it, and for how many seconds. `counts`: who counts
 * where other processes answer requests of the same keys; null: this process alone.
 */
export function createRateCheck(
  app: FastifyInstance,
  clientOf: (request: FastifyRequest) => Client,
  counts: RequestCounts | null = null,
): RateCheck {
  const limitOf = (request: FastifyRequest, times: number): number =>
    (clientOf(request).requestsPerMinute ?? Number.MAX_SAFE_INTEGER) * times
  const nameOf = (request: FastifyRequest): string => `${clientOf(request).tenant}/${clientOf(request).key}`

  function countHere(times: number): Count {
    const count = app.createRateLimit({
      timeWindow: windowMs,
      keyGenerator: nameOf,
      max: (request) => limitOf(request, times),
    })
    return async (request) => {
      const counted = await count(request)
      return counted.isAllowed ? null : counted
    }
  }

  const countTogether =
    (shared: RequestCounts, policy: string, times: number): Count =>
    async (request) => {
      const max = limitOf(request, times)
      const { total, leftMs } = await shared.add(`${policy}:${nameOf(request)}`, windowMs)
      return {
        max,
        remaining: Math.max(0, max - total),
        ttlInSeconds: Math.ceil(leftMs / 1000),
        isExceeded: total > max,
      }
    }

  const policyOf = (policy: string, noun: string, times: number) => ({
    policy,
    noun,
    count: counts === null ? countHere(times) : countTogether(counts, policy, times),
  })
  const requests = policyOf('minute', 'requests', 1)
  const polls = policyOf('polls', 'polls', pollsPerRequest)
  const previews = policyOf('previews', 'previews', previewsPerRequest)
  return async (request, reply) => {
    const { polled, previewed } = request.routeOptions.config
    const { count, policy, noun } = polled === true ? polls : previewed === true ? previews : requests
    const counted = await count(request)
    if (counted === null) return
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
