import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../domain/problem.ts'

export interface FailureRules {
  /** Calls with unknown keys that one address may send in a minute before it is slowed down. */
  perMinute: number
  /** How long it then waits for each answer, and how many of these answers wait at the same time at most. */
  pauseMs: number
  mostPaused: number
}

export const defaultFailureRules: FailureRules = { perMinute: 20, pauseMs: 1000, mostPaused: 100 }

/** Returns once the failure may be answered as such; throws `rate_limited`, after a while, where there were too many. */
export type FailureBrake = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/**
 * Counts calls with unknown keys per address (for IPv6 per network of 64 bits, which is what one subscriber has), for a
 * few thousand addresses at most. It holds up guesses only: a key that is known gets in from anywhere, so that whoever
 * guesses from behind a shared proxy locks nobody else out.
 */
export function createFailureBrake(
  app: FastifyInstance,
  { perMinute, pauseMs, mostPaused }: FailureRules,
  onLimit: (address: string) => void,
): FailureBrake {
  const count = app.createRateLimit({ timeWindow: 60_000, max: perMinute })
  let paused = 0

  return async (request, reply) => {
    const counted = await count(request)
    if (counted.isAllowed) return
    const { isExceeded, remaining, ttlInSeconds } = counted
    if (remaining === 0 && !isExceeded) onLimit(request.ip)
    if (!isExceeded) return
    if (paused < mostPaused) {
      paused += 1
      await pause(pauseMs)
      paused -= 1
    }
    reply.header('retry-after', ttlInSeconds)
    throw new Problem('rate_limited', 'Too many calls with unknown keys came from this address.')
  }
}
