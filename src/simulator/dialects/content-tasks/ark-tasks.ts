import type { FastifyInstance } from 'fastify'
import { guarded, idOf, openFiles, sendError } from '../../dialect.ts'
import type { Dialect, VendorContext } from '../../dialect.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { polledJob, vendorStatus, viewOf, withoutUrlIfAsked } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job } from '../../jobs/job.ts'
import { arkSpeech } from './ark-speech.ts'
import { readContentOrder } from './content-order.ts'
import { pageOf } from './task-page.ts'

const path = '/api/v3/contents/generations/tasks'

/** Ark's tasks for Seedance (docs/vendors/video-apis.md#ark). */
export const arkTasks: Dialect = {
  basePath: () => '/api/v3',
  speech: arkSpeech,
  files: openFiles,
  serve(app, context) {
    serveTasks(app, context)
  },
}

function serveTasks(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  app.post(path, guarded(context, 'create'), async (request, reply) => {
    const order = await readContentOrder(request, context, { lastAlone: false })
    const job = acceptCreate(context, request, reply, order)
    return job === null ? reply : reply.send({ id: job.id })
  })

  app.get(path, guarded(context, 'list'), (request, reply) => {
    const { jobs, total } = pageOf(vendor, request.query)
    return reply.send({ items: jobs.map((job) => describe(context, job, viewOf(vendor, job))), total })
  })

  app.get(`${path}/:id`, guarded(context, 'poll'), (request, reply) => {
    const seen = polledJob(vendor, idOf(request))
    return seen.ok
      ? reply.send(describe(context, seen.value.job, seen.value.view))
      : sendError(reply, context, seen.error)
  })
}

const words = { queued: 'queued', in_progress: 'running', completed: 'succeeded', failed: 'failed' }
/** Of a second of 720p at 24 frames: its width and height by the frames, in blocks of 1024. */
const tokensPerSecond = 21_600

function describe(context: VendorContext, job: Job, view: JobView) {
  const { vendor, resultUrl } = context
  const { model, seconds, extras } = job.order
  const tokens = Math.round(seconds * tokensPerSecond)
  return {
    id: job.id,
    model: vendor.upstream.echoModel ?? model,
    status: vendorStatus(vendor, words, view.status),
    created_at: Math.floor(job.createdAt / 1000),
    updated_at: Math.floor((job.end?.at ?? job.createdAt) / 1000),
    duration: seconds,
    seed: extras['seed'] ?? 1,
    ...(withoutUrlIfAsked(vendor, view).hasUrl ? { content: { video_url: resultUrl(job) } } : {}),
    ...(view.hasUrl ? { usage: { completion_tokens: tokens, total_tokens: tokens } } : {}),
    error: view.failure,
  }
}
