import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../domain/problem.ts'

export interface FailureRules {
  /** Calls with unknown keys that one address may send in a minute before it is slowed down. */
  perMinute: number
  /** The minimum delay of each response after that, and how many responses per address are sent in that time. */
  pauseMs: number
  perPause: number
  /** The maximum number of delayed responses for all addresses together. */
  mostPaused: number
}

/** The maximum delay, well below the idle timeout of connections. */
const longestPauseMs = 60_000

/** At most half of the connections may wait for a delayed response, so that the others stay available. */
export function failureLimits(connections: number): FailureRules {
  return { perMinute: 20, pauseMs: 1000, perPause: 20, mostPaused: Math.floor(connections / 2) }
}

/** Returns when the failure may be reported; throws `rate_limited` after a delay if there were too many. */
export type FailureBrake = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Slots for delayed responses. */
interface DelaySlots {
  take(key: string): { ahead: number } | null
  giveBack(key: string): void
}

function createDelaySlots(most: number): DelaySlots {
  const ofAddress = new Map<string, number>()
  let all = 0
  return {
    take(key) {
      if (all >= most) return null
      all += 1
      const ahead = ofAddress.get(key) ?? 0
      ofAddress.set(key, ahead + 1)
      return { ahead }
    },
    giveBack(key) {
      all -= 1
      const left = (ofAddress.get(key) ?? 1) - 1
      if (left === 0) ofAddress.delete(key)
      else ofAddress.set(key, left)
    },
  }
}

/** Ends early if the caller disconnects, because nothing is sent then. */
async function pauseFor(ms: number, reply: FastifyReply): Promise<void> {
  const left = new AbortController()
  reply.raw.once('close', () => left.abort())
  await pause(ms, undefined, { signal: left.signal }).catch(() => undefined)
}

/**
 * Counts calls with unknown keys per address, for a few thousand addresses at most. IPv6 addresses count by their /64
 * network, because that is what one subscriber gets. Only wrong keys are delayed: valid keys work from any address, so
 * guesses from behind a shared proxy lock nobody out. The delay grows with the number of delayed responses of an
 * address, so that more connections do not allow more guesses.
 */
export function createFailureBrake(
  app: FastifyInstance,
  { perMinute, pauseMs, perPause, mostPaused }: FailureRules,
  onLimit: (address: string) => void,
): FailureBrake {
  const count = app.createRateLimit({ timeWindow: 60_000, max: perMinute })
  const slots = createDelaySlots(mostPaused)

  return async (request, reply) => {
    const counted = await count(request)
    if (counted.isAllowed) return
    const { isExceeded, remaining, ttlInSeconds, key } = counted
    if (remaining === 0 && !isExceeded) onLimit(request.ip)
    if (!isExceeded) return
    const slot = slots.take(key)
    if (slot === null) reply.raw.setHeader('connection', 'close')
    else {
      const rounds = 1 + Math.floor(slot.ahead / perPause)
      await pauseFor(Math.min(pauseMs * rounds, longestPauseMs), reply)
      slots.giveBack(key)
    }
    reply.header('retry-after', ttlInSeconds)
    throw new Problem(
      'rate_limited',
      'Too many requests with invalid keys were sent from this address. Try again later.',
    )
  }
}
