import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { answerOf, answeringKinds, wrongKey } from './fault-answer.ts'
import type { FaultAnswer } from './fault-answer.ts'
import type { Operation } from './fault.ts'
import { envelope } from './vendor-error.ts'
import type { Vendor } from './vendor.ts'

/** What stands between the network and an upstream's endpoints: counting, keys and the faults that answer by themselves. */
export interface Gate {
  /** Counts the request; true when it has been answered (or will never be), and the endpoint must not run. */
  before(operation: Operation, request: FastifyRequest, reply: FastifyReply, at: GatePlace): boolean
  /** For endpoints that have just made something: true when the answer is lost or replaced. */
  afterAccept(operation: Operation, request: FastifyRequest, reply: FastifyReply): boolean
  /** Waits out a `slow` fault: the work is done by then, only its answer is late. */
  holdBack(operation: Operation): Promise<void>
}

interface GatePlace {
  /** Null where anybody may ask. */
  apiKey: string | null
  jobId: string
  fileUrl: string
}

export function createGate(vendor: Vendor, closing: AbortSignal): Gate {
  const { upstream, faults, requests } = vendor

  return {
    before(operation, request, reply, at) {
      requests[operation] += 1
      const context = { dialect: upstream.dialect, method: request.method, url: request.url, ...at }
      const down = faults.take(operation, ['down'])
      if (down !== null) return perform(answerOf(down.kind, down, context), request, reply)
      if (at.apiKey !== null && request.headers.authorization !== `Bearer ${at.apiKey}`) {
        void reply.status(401).send(envelope(wrongKey))
        return true
      }
      const fault = faults.take(operation, answeringKinds)
      return fault !== null && perform(answerOf(fault.kind, fault, context), request, reply)
    },
    afterAccept(operation, request, reply) {
      const fault = faults.take(operation, answeringKinds, true)
      if (fault === null) return false
      const { dialect } = upstream
      const context = { dialect, method: request.method, url: request.url, jobId: '', fileUrl: '' }
      return perform(answerOf(fault.kind, fault, context), request, reply)
    },
    async holdBack(operation) {
      const slow = faults.take(operation, ['slow'])
      if (slow === null) return
      await delay(slow.delayMs, undefined, { signal: closing }).catch(() => undefined)
    },
  }
}

function perform(answer: FaultAnswer, request: FastifyRequest, reply: FastifyReply): true {
  if (answer.type === 'reply') {
    void reply.status(answer.status).headers(answer.headers).send(answer.body)
    return true
  }
  reply.hijack()
  if (answer.type === 'destroy') request.raw.socket.destroy()
  if (answer.type === 'reset') request.raw.socket.resetAndDestroy()
  return true
}
