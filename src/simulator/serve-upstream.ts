import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { sendError } from './dialect.ts'
import type { VendorContext } from './dialect.ts'
import { dialects } from './dialects/registry.ts'
import { hex } from './ids.ts'
import { vendorUrl } from './mount-path.ts'
import { serveFinishedVideos } from './control/public-files.ts'
import { serverError, urlUnknown } from './faults/vendor-errors.ts'
import { invalidRequest } from './jobs/vendor-error.ts'

const clientError = z.object({ statusCode: z.int().min(400).max(499), message: z.string() })

/** Everything below one upstream's host, with its own responses to errors outside of its endpoints. */
export function serveUpstream(app: FastifyInstance, context: VendorContext): void {
  const { upstream } = context.vendor
  app.addHook('onRequest', async (_request, reply) => {
    void reply.header('x-request-id', `req_${hex(16)}`)
  })
  app.setNotFoundHandler((request, reply) =>
    sendError(reply, context, urlUnknown(request.method, vendorUrl(request.url))),
  )
  app.setErrorHandler((error, _request, reply) => {
    const known = clientError.safeParse(error)
    if (!known.success) return sendError(reply, context, { ...serverError(500), message: String(error) })
    const { message, statusCode: status } = known.data
    return sendError(reply, context, invalidRequest(message, { status }).error)
  })
  const dialect = dialects[upstream.dialect]
  if (dialect.files(upstream) === 'guarded') serveFinishedVideos(app, [context], 'guarded')
  dialect.serve(app, context)
}
