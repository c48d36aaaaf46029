import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { answerOf, answeringKinds } from './faults/fault-answer.ts'
import type { AnswerContext, FaultAnswer } from './faults/fault-answer.ts'
import type { Operation } from './faults/fault.ts'
import { wrapped } from './faults/odd-wrapping.ts'
import { vendorUrl } from './mount-path.ts'
import { wrongKey } from './faults/vendor-errors.ts'
import type { Vendor } from './jobs/vendor.ts'

/** Runs before an upstream's endpoints: counts requests, checks keys, and applies the faults that respond by themselves. */
export interface Gate {
  /** Counts the request. Returns true if a response was sent (or never will be); the endpoint must not run then. */
  before(operation: Operation, request: FastifyRequest, reply: FastifyReply, at: GatePlace): boolean
  /** For endpoints that have just created something: true if the response is lost or replaced. */
  afterAccept(operation: Operation, request: FastifyRequest, reply: FastifyReply): boolean
  /** Waits for a `slow` fault. The work is done by then; only the response is late. */
  holdBack(request: FastifyRequest): Promise<void>
  /** The right response, wrapped by an `odd_wrapping` fault. */
  wrap(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown
}

export interface GatePlace {
  /** Null if no key is needed. */
  apiKey: string | null
  jobId: string
  fileUrl: string
}

export function createGate(vendor: Vendor, closing: AbortSignal): Gate {
  const { speech, faults } = vendor
  const operations = new WeakMap<FastifyRequest, Operation>()

  return {
    before(operation, request, reply, { apiKey, jobId, fileUrl }) {
      vendor.called(operation)
      operations.set(request, operation)
      const context = contextOf(vendor, request, jobId, fileUrl)
      const down = faults.take(operation, ['down'])
      if (down !== null) return perform(answerOf(down.kind, down, context), request, reply)
      if (apiKey !== null && !speech.isAuthorized(request.headers, apiKey, vendor.clock.now())) {
        const said = speech.say(wrongKey)
        void reply.status(said.status).headers(said.headers).send(said.body)
        return true
      }
      const fault = faults.take(operation, answeringKinds)
      return fault !== null && perform(answerOf(fault.kind, fault, context), request, reply)
    },
    afterAccept(operation, request, reply) {
      const fault = faults.take(operation, answeringKinds, true)
      if (fault === null) return false
      return perform(answerOf(fault.kind, fault, contextOf(vendor, request, '', '')), request, reply)
    },
    async holdBack(request) {
      const operation = operations.get(request)
      const slow = operation === undefined ? null : faults.take(operation, ['slow'])
      if (slow === null) return
      await delay(slow.delayMs, undefined, { signal: closing }).catch(() => undefined)
    },
    wrap(request, reply, payload) {
      const operation = operations.get(request)
      const odd = operation === undefined ? null : faults.take(operation, ['odd_wrapping'])
      return odd === null ? payload : wrapped(odd.style, payload, reply)
    },
  }
}

function contextOf(vendor: Vendor, request: FastifyRequest, jobId: string, fileUrl: string): AnswerContext {
  const { method, url } = request
  return { speech: vendor.speech, method, url: vendorUrl(url), ownUrl: url, jobId, fileUrl }
}

function perform(answer: FaultAnswer, request: FastifyRequest, reply: FastifyReply): true {
  if (answer.type === 'reply') {
    const { status, headers, body } = answer.reply
    void reply.status(status).headers(headers).send(body)
    return true
  }
  reply.hijack()
  if (answer.type === 'destroy') request.raw.socket.destroy()
  if (answer.type === 'reset') request.raw.socket.resetAndDestroy()
  return true
}
