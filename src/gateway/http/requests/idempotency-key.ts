import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ProblemCode } from '../../domain/problem.ts'
import type { IdempotencyInput } from '../../services/generations/generations.ts'
import { requestHash } from '../bodies/request-hash.ts'

/** Stripe's rules: up to 255 characters, remembered for 24 hours, per tenant. */
export const IdempotencyHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x20-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters')
    .optional()
    .meta({
      description:
        'For 24 hours, a repeated request with the same key and body returns the first response and creates nothing new.',
    }),
})

/** How a call with an idempotency key can be refused for it. */
export const notOnce: ProblemCode[] = ['idempotency_in_progress', 'idempotency_key_reused']

/** The idempotency key of a call whose content is `body`; null where it has none. What is asked for is a part of the path too. */
export function idempotencyOf(request: FastifyRequest, body: unknown): IdempotencyInput | null {
  const key = z.string().optional().parse(request.headers['idempotency-key'])
  if (key === undefined) return null
  const path = request.url.split('?', 1)[0] ?? ''
  return { key, requestHash: requestHash({ method: request.method, path, body }, null) }
}

export function noteReplay(reply: FastifyReply, replayed: boolean): void {
  if (replayed) reply.header('idempotent-replayed', 'true')
}
