import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ClipStore } from './clips/clip-store.ts'
import type { Operation } from './faults/fault.ts'
import type { Gate, GatePlace } from './gate.ts'
import type { Job } from './jobs/job.ts'
import type { SimulatedUpstream } from './simulated-upstream.ts'
import type { Speech } from './jobs/speech.ts'
import { jobUnknown } from './faults/vendor-errors.ts'
import type { VendorError } from './jobs/vendor-error.ts'
import type { Vendor } from './jobs/vendor.ts'

/** A wire format: the protocol of its vendors, and their endpoints. */
export interface Dialect {
  /** The path of a client's base URL after the vendor's host, such as `/v1`; empty if clients use whole paths. */
  basePath(upstream: SimulatedUpstream): string
  speech(upstream: SimulatedUpstream): Speech
  /** Who may fetch this upstream's results. */
  files(upstream: SimulatedUpstream): NonNullable<SimulatedUpstream['files']>
  /** Adds the endpoints, with their paths from the host on. */
  serve(app: FastifyInstance, context: VendorContext): void
}

/** The dependencies of one upstream's endpoints. */
export interface VendorContext {
  vendor: Vendor
  gate: Gate
  clips: ClipStore
  /** `http://…` without the vendor's own paths. */
  host: string
  /** A public URL of the job's video once it is finished. */
  fileUrl: (job: Job) => string
  /** The URL in the response for a finished job, depending on the upstream's `files`. */
  resultUrl: (job: Job) => string
  /** Ends waiting when the simulator closes. */
  closing: AbortSignal
}

/** Results are public by default. */
export const openFiles: Dialect['files'] = ({ files = 'open' }) => files

const withId = z.object({ id: z.string() })

/** The `:id` of the path, or an empty string if there is none. */
export function idOf(request: FastifyRequest): string {
  return withId.safeParse(request.params).data?.id ?? ''
}

/** Route options that run the gate before an endpoint, and `slow` after it. */
export function guarded(
  context: VendorContext,
  operation: Operation | ((request: FastifyRequest) => Operation),
) {
  return {
    onRequest(request: FastifyRequest, reply: FastifyReply, done: () => void) {
      const asked = typeof operation === 'function' ? operation(request) : operation
      if (!context.gate.before(asked, request, reply, placeOf(context, idOf(request)))) done()
    },
    ...heldBack(context),
  }
}

/** The same for endpoints that learn from the body what is requested: they call `stopped` themselves. */
export function heldBack({ gate }: VendorContext) {
  return {
    async onSend(request: FastifyRequest, reply: FastifyReply, payload: unknown) {
      await gate.holdBack(request)
      return gate.wrap(request, reply, payload)
    },
  }
}

/** Runs the gate before an endpoint that has already started; true if it has responded. */
export function stopped(
  context: VendorContext,
  operation: Operation,
  { request, reply, jobId = '' }: { request: FastifyRequest; reply: FastifyReply; jobId?: string },
): boolean {
  return context.gate.before(operation, request, reply, placeOf(context, jobId))
}

function placeOf({ vendor, fileUrl }: VendorContext, jobId: string): GatePlace {
  const job = vendor.jobs.find(jobId)
  const url = job === undefined ? '' : `${fileUrl(job)}?via=redirect`
  return { apiKey: vendor.upstream.apiKey, jobId, fileUrl: url }
}

export function sendError(reply: FastifyReply, { vendor }: VendorContext, error: VendorError): FastifyReply {
  const { status, headers, body } = vendor.speech.say(error)
  return reply.status(status).headers(headers).send(body)
}

export function balanceOf({ vendor }: VendorContext): number {
  return vendor.upstream.balance ?? 1000
}

/** The dialect's response to an unknown id. */
export function sendNotFound(reply: FastifyReply, context: VendorContext, jobId: string): FastifyReply {
  return sendError(reply, context, jobUnknown(jobId))
}
