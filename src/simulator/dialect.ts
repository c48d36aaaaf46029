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

/** A wire format: how its vendors talk, and what they serve. */
export interface Dialect {
  /** What a client's base URL has after the vendor's host, such as `/v1`; empty where clients write whole paths. */
  basePath(upstream: SimulatedUpstream): string
  speech(upstream: SimulatedUpstream): Speech
  /** Who may fetch this upstream's results. */
  files(upstream: SimulatedUpstream): NonNullable<SimulatedUpstream['files']>
  /** Adds the endpoints with their paths from the host on. */
  serve(app: FastifyInstance, context: VendorContext): void
}

/** What the endpoints of one upstream work with. */
export interface VendorContext {
  vendor: Vendor
  gate: Gate
  clips: ClipStore
  /** `http://…` up to where the vendor's own paths begin. */
  host: string
  /** Where anybody may download the job's video once it is finished. */
  fileUrl: (job: Job) => string
  /** The URL that a finished job is answered with, as the upstream's `files` want it. */
  resultUrl: (job: Job) => string
  /** Ends waiting when the simulator closes. */
  closing: AbortSignal
}

/** Results that anybody may fetch, unless the upstream has it otherwise. */
export const openFiles: Dialect['files'] = ({ files = 'open' }) => files

const withId = z.object({ id: z.string() })

/** The `:id` of the path, or an empty string where there is none. */
export function idOf(request: FastifyRequest): string {
  return withId.safeParse(request.params).data?.id ?? ''
}

/** Route options that put the gate before an endpoint and `slow` behind it. */
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

/** The same for endpoints that learn from the body what is asked for: they call `stopped` themselves. */
export function heldBack({ gate }: VendorContext) {
  return {
    async onSend(request: FastifyRequest, reply: FastifyReply, payload: unknown) {
      await gate.holdBack(request)
      return gate.wrap(request, reply, payload)
    },
  }
}

/** Puts the gate before an endpoint that is already running; true when it has answered. */
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

/** The dialect's answer to an id it does not know. */
export function sendNotFound(reply: FastifyReply, context: VendorContext, jobId: string): FastifyReply {
  return sendError(reply, context, jobUnknown(jobId))
}
