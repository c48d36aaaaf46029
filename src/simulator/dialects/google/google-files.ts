import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { heldBack, sendError, stopped } from '../../dialect.ts'
import type { VendorContext } from '../../dialect.ts'
import { jobUnknown } from '../../faults/vendor-errors.ts'
import { sendVideo } from '../../jobs/content.ts'
import type { Job } from '../../jobs/job.ts'

/** The documents say v1beta, and `google-genai` has v1 since its version 3. */
export const versions = ['v1beta', 'v1'] as const

/** A video's address at the Files API (docs/vendors/video-apis.md#veo), or that of an upstream which keeps its files elsewhere. */
export function videoAddress({ vendor, host, resultUrl }: VendorContext, job: Job): string {
  return vendor.upstream.files === undefined
    ? `${host}/v1beta/files/${job.token}:download?alt=media`
    : resultUrl(job)
}

const filePath = z.object({ call: z.string().regex(/^[0-9a-f]{32}:download$/) })
const keyed = z.object({ key: z.string() })

function onRequest(request: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  request.headers['x-goog-api-key'] ??= keyed.safeParse(request.query).data?.key
  done()
}

/** A video by the name of its file; the key may stand in the address. */
export function serveFiles(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  const send = async (request: FastifyRequest, reply: FastifyReply) => {
    const token = filePath.safeParse(request.params).data?.call.slice(0, 32) ?? ''
    const job = vendor.jobs.findByToken(token)
    if (job === undefined || job.end === null || vendor.jobs.isExpired(job))
      return sendError(reply, context, jobUnknown(token))
    return stopped(context, 'content', { request, reply, jobId: job.id })
      ? reply
      : sendVideo(reply, context, job)
  }
  for (const version of versions)
    app.get(`/${version}/files/:call`, { onRequest, ...heldBack(context) }, send)
}
