import { createHash, createHmac } from 'node:crypto'
import type { CallName } from '../domain/accounts/audit.ts'
import { Problem } from '../domain/problem.ts'
import type { CallStore } from '../ports/generations/call-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { IdempotencyInput } from './generations/generations.ts'

/** As in Stripe's API, a repeated request is recognised for one day. */
export const rememberedMs = 24 * 3600_000

/** The value of a call, and whether a call before it made it. */
export interface Once<T> {
  value: T
  replayed: boolean
}

export interface OnceOnly {
  /**
   * Creates an object once per idempotency key and tenant. The ID is chosen and stored first, so that a repeated request,
   * also after a crash, finds the object or creates it with the same ID. A repetition calls `find` first. An object that
   * was created and no longer exists is not created again, because `make` stores the request's identifier with its work.
   */
  run<Id extends string, T>(call: {
    tenant: string
    idempotency: IdempotencyInput | null
    newId: () => Id
    isId: (text: string) => text is Id
    find: (id: Id) => Promise<T | null>
    make: (id: Id, call: CallName | undefined) => Promise<T>
  }): Promise<Once<T>>
}

export function createOnceOnly({ calls, clock }: { calls: CallStore; clock: Clock }): OnceOnly {
  const running = new Set<string>()
  return {
    async run({ tenant, idempotency, newId, isId, find, make }) {
      if (idempotency === null) return { value: await make(newId(), undefined), replayed: false }
      const at = clock.now()
      const keyHash = createHash('sha256').update(idempotency.key).digest('hex')
      const lock = JSON.stringify([tenant, keyHash])
      if (running.has(lock)) throw inProgress()
      running.add(lock)
      try {
        const { requestHash } = idempotency
        const call = { tenant, keyHash, requestHash, subject: newId(), at }
        const reserved = await calls.reserve(call, at - rememberedMs)
        if (reserved.requestHash !== requestHash) throw reused()
        if (!isId(reserved.subject)) throw reused()
        const found = reserved.first ? null : await find(reserved.subject)
        if (found !== null) return { value: found, replayed: true }
        if (reserved.made) throw gone()
        return { value: await make(reserved.subject, { tenant, keyHash }), replayed: false }
      } finally {
        running.delete(lock)
      }
    },
  }
}

/**
 * A secret that can be returned again without being stored: it is derived from the ID and from a key that only its caller
 * has.
 */
export function secretOfCall(master: string, id: string, idempotencyKey: string): Buffer {
  // The label separates this from other values derived from the same master secret.
  return createHmac('sha256', master).update(`gateway-key\0${id}\0${idempotencyKey}`).digest()
}

export function inProgress(): Problem {
  return new Problem(
    'idempotency_in_progress',
    'A request with this Idempotency-Key is still in progress. Try again later.',
  )
}

function gone(): Problem {
  return new Problem(
    'conflict',
    'This Idempotency-Key was used before, and its result is no longer in effect. Nothing was changed. Use a new key to repeat the operation.',
  )
}

/** The generation of a repeated create was deleted since. Treating the request as new would buy it again. */
export function deleted(): Problem {
  return new Problem(
    'conflict',
    'What this call made was deleted. Nothing was made or paid; use another Idempotency-Key to make a new one.',
  )
}

export function reused(): Problem {
  return new Problem(
    'idempotency_key_reused',
    'This Idempotency-Key was used for a different request. Use a new key.',
    {
      faults: [
        { pointer: '#/headers/idempotency-key', detail: 'was used for a different request; use a new key' },
      ],
    },
  )
}
