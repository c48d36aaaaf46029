import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../domain/problem.ts'

export interface FailureRules {
  /** Calls with unknown keys that one address may send in a minute before it is slowed down. */
  perMinute: number
  /** How long each answer is then held back at least, and how many of one address leave in that time. */
  pauseMs: number
  perPause: number
  /** The maximum number of delayed responses for all addresses together. */
  mostPaused: number
}

/** An answer is not held back longer than this: some way below what a connection may be silent. */
const longestPauseMs = 60_000

/** At most half of the connections may wait for a delayed response, so that the others stay available. */
export function failureLimits(connections: number): FailureRules {
  return { perMinute: 20, pauseMs: 1000, perPause: 20, mostPaused: Math.floor(connections / 2) }
}

/** Returns once the failure may be answered as such; throws `rate_limited`, after a while, where there were too many. */
export type FailureBrake = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** A place among the answers that are held back. */
interface Places {
  take(key: string): { ahead: number } | null
  giveBack(key: string): void
}

function createPlaces(most: number): Places {
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

/** Ends early when the caller leaves: nothing was told. */
async function pauseFor(ms: number, reply: FastifyReply): Promise<void> {
  const left = new AbortController()
  reply.raw.once('close', () => left.abort())
  await pause(ms, undefined, { signal: left.signal }).catch(() => undefined)
}

/**
 * Counts calls with unknown keys per address (for IPv6 per network of 64 bits, which is what one subscriber has), for a
 * few thousand addresses at most. It holds up guesses only: a key that is known gets in from anywhere, so that whoever
 * guesses from behind a shared proxy locks nobody else out. The more answers of an address are held back the longer each
 * of them is, so that more connections make no more guesses.
 */
export function createFailureBrake(
  app: FastifyInstance,
  { perMinute, pauseMs, perPause, mostPaused }: FailureRules,
  onLimit: (address: string) => void,
): FailureBrake {
  const count = app.createRateLimit({ timeWindow: 60_000, max: perMinute })
  const places = createPlaces(mostPaused)

  return async (request, reply) => {
    const counted = await count(request)
    if (counted.isAllowed) return
    const { isExceeded, remaining, ttlInSeconds, key } = counted
    if (remaining === 0 && !isExceeded) onLimit(request.ip)
    if (!isExceeded) return
    const place = places.take(key)
    if (place === null) reply.raw.setHeader('connection', 'close')
    else {
      const rounds = 1 + Math.floor(place.ahead / perPause)
      await pauseFor(Math.min(pauseMs * rounds, longestPauseMs), reply)
      places.giveBack(key)
    }
    reply.header('retry-after', ttlInSeconds)
    throw new Problem(
      'rate_limited',
      'Too many requests with invalid keys were sent from this address. Try again later.',
    )
  }
}
