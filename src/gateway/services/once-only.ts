import { createHash, createHmac } from 'node:crypto'
import type { CallName } from '../domain/accounts/audit.ts'
import { Problem } from '../domain/problem.ts'
import type { CallStore } from '../ports/generations/call-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { IdempotencyInput } from './generations/generations.ts'

/** As Stripe: a repeated call is recognised for a day. */
export const rememberedMs = 24 * 3600_000

/** The value of a call, and whether a call before it made it. */
export interface Once<T> {
  value: T
  replayed: boolean
}

export interface OnceOnly {
  /**
   * Makes something once for each idempotency key of a tenant. The id comes first and is stored before anything is made, so that
   * whoever repeats the call, after a crash as well, finds by it what was made, or makes it under the same id. `find` is asked
   * first on a repetition. What was made and is no longer found is not made again: `make` stores the call's name with its work.
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

/** A secret that can be answered again without being stored: it follows from the id, and from a key that only its caller has. */
export function secretOfCall(master: string, id: string, idempotencyKey: string): Buffer {
  // The label keeps this apart from whatever else is made with the same master.
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

/** What a repeated create made was deleted since. To answer it as a new one would be to buy it again. */
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
