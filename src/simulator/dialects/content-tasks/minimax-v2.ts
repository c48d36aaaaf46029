import type { FastifyInstance } from 'fastify'
import { guarded, idOf, openFiles, sendError } from '../../dialect.ts'
import type { Dialect, VendorContext } from '../../dialect.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { polledJob, vendorStatus, viewOf, withoutUrlIfAsked } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job } from '../../jobs/job.ts'
import { readContentOrder } from './content-order.ts'
import { minimaxSpeech, taskError } from './minimax-speech.ts'
import { pageOf } from './task-page.ts'

/** The second version of MiniMax' video API, for H3 (docs/vendors/video-apis.md#minimax). */
export const minimaxV2: Dialect = {
  basePath: () => '',
  speech: minimaxSpeech,
  files: openFiles,
  serve(app, context) {
    serveTasks(app, context)
  },
}

const success = { status_code: 0, status_msg: 'success' }

function serveTasks(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  app.post('/v2/video_generation', guarded(context, 'create'), async (request, reply) => {
    const order = await readContentOrder(request, context, { lastAlone: true })
    const job = acceptCreate(context, request, reply, order)
    return job === null ? reply : reply.send({ task_id: job.id, base_resp: success })
  })

  app.get('/v2/query/video_generation', guarded(context, 'list'), (request, reply) => {
    const { jobs, total } = pageOf(vendor, request.query)
    return reply.send({ items: jobs.map((job) => describe(context, job, viewOf(vendor, job))), total })
  })

  app.get('/v2/query/video_generation/:id', guarded(context, 'poll'), (request, reply) => {
    const seen = polledJob(vendor, idOf(request))
    return seen.ok
      ? reply.send({ task: describe(context, seen.value.job, seen.value.view), base_resp: success })
      : sendError(reply, context, seen.error)
  })
}

const words = { queued: 'queued', in_progress: 'running', completed: 'succeeded', failed: 'failed' }

function describe(context: VendorContext, job: Job, view: JobView) {
  const { vendor, resultUrl } = context
  return {
    id: job.id,
    model: vendor.upstream.echoModel ?? job.order.model,
    status: vendorStatus(vendor, words, view.status),
    created_at: Math.floor(job.createdAt / 1000),
    ...(withoutUrlIfAsked(vendor, view).hasUrl ? { content: { url: resultUrl(job) } } : {}),
    ...(view.failure === null ? {} : { error: taskError(view.failure) }),
  }
}
