import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ClipStore } from './clip-store.ts'
import { notFound } from './fault-answer.ts'
import type { Operation } from './fault.ts'
import type { Gate } from './gate.ts'
import type { Job } from './job.ts'
import { envelope } from './vendor-error.ts'
import type { VendorError } from './vendor-error.ts'
import type { Vendor } from './vendor.ts'

/** What the endpoints of one upstream work with. */
export interface Desk {
  vendor: Vendor
  gate: Gate
  clips: ClipStore
  /** Where anybody may download the job's video once it is finished. */
  fileUrl: (job: Job) => string
  /** Ends waiting when the simulator closes. */
  closing: AbortSignal
}

const withId = z.object({ id: z.string() })

/** The `:id` of the path, or an empty string where there is none. */
export function idOf(request: FastifyRequest): string {
  return withId.safeParse(request.params).data?.id ?? ''
}

/** Route options that put the gate before an endpoint and `slow` behind it. */
export function guarded({ vendor, gate, fileUrl }: Desk, operation: Operation) {
  return {
    onRequest(request: FastifyRequest, reply: FastifyReply, done: () => void) {
      const jobId = idOf(request)
      const job = vendor.jobs.find(jobId)
      const url = job === undefined ? '' : `${fileUrl(job)}?via=redirect`
      const place = { apiKey: vendor.upstream.apiKey, jobId, fileUrl: url }
      if (!gate.before(operation, request, reply, place)) done()
    },
    async onSend(_request: FastifyRequest, _reply: FastifyReply, payload: unknown) {
      await gate.holdBack(operation)
      return payload
    },
  }
}

export function sendError(reply: FastifyReply, error: VendorError): FastifyReply {
  return reply.status(error.status).send(envelope(error))
}

/** The dialect's answer to an id it does not know. */
export function sendNotFound(reply: FastifyReply, { vendor }: Desk, jobId: string): FastifyReply {
  const answer = notFound({ dialect: vendor.upstream.dialect, jobId })
  return reply.status(answer.status).send(answer.body)
}
