import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { sides } from '../../control/catalogue.ts'
import { guarded, idOf, openFiles, sendError, sendNotFound } from '../../dialect.ts'
import type { Dialect, VendorContext } from '../../dialect.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { polledJob, vendorStatus, viewOf, withoutUrlIfAsked } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job } from '../../jobs/job.ts'
import { invalidRequest } from '../../jobs/vendor-error.ts'
import { serveArkAssets } from './ark-assets.ts'
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
    if (context.vendor.upstream.characters) serveArkAssets(app, context)
    serveTasks(app, context)
    serveList(app, context)
    serveDelete(app, context)
  },
}

function serveTasks(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  app.post(path, guarded(context, 'create'), async (request, reply) => {
    const order = await readContentOrder(request, context, { lastAlone: false })
    const job = acceptCreate(context, request, reply, order)
    return job === null ? reply : reply.send({ id: job.id })
  })

  app.get(`${path}/:id`, guarded(context, 'poll'), (request, reply) => {
    const seen = polledJob(vendor, idOf(request))
    return seen.ok
      ? reply.send(describe(context, seen.value.job, seen.value.view))
      : sendError(reply, context, seen.error)
  })
}

const texts = z.union([z.string().transform((one) => [one]), z.array(z.string())]).optional()
const filters = z.object({
  'filter.task_ids': texts.catch(undefined),
  'filter.status': z.string().optional().catch(undefined),
  'filter.model': z.string().optional().catch(undefined),
})

function serveList(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  app.get(path, guarded(context, 'list'), (request, reply) => {
    const asked = filters.parse(request.query)
    const { 'filter.task_ids': ids, 'filter.status': status, 'filter.model': model } = asked
    const { jobs, total } = pageOf(
      vendor,
      request.query,
      (job) =>
        (ids === undefined || ids.includes(job.id)) &&
        (status === undefined || status === vendorStatus(vendor, words, viewOf(vendor, job).status)) &&
        (model === undefined || model === job.order.model),
    )
    return reply.send({ items: jobs.map((job) => describe(context, job, viewOf(vendor, job))), total })
  })
}

const cancelled = { code: 'cancelled', message: 'The task was cancelled.' }

/** Cancels a waiting task, and deletes one that has ended (docs/vendors/video-apis.md#ark). */
function serveDelete(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  app.delete(`${path}/:id`, guarded(context, 'delete'), (request, reply) => {
    const job = vendor.jobs.find(idOf(request))
    if (job === undefined) return sendNotFound(reply, context, idOf(request))
    if (job.end !== null) vendor.jobs.remove(job)
    else if (viewOf(vendor, job).status === 'queued')
      vendor.jobs.end(job, { type: 'fails', failure: cancelled })
    else return sendError(reply, context, invalidRequest('a running task cannot be deleted').error)
    return reply.send({})
  })
}

const words = { queued: 'queued', in_progress: 'running', completed: 'succeeded', failed: 'failed' }
/** Per second of 720p at 24 frames: width times height times frames, in blocks of 1024. */
const tokensPerSecond = 21_600

function describe(context: VendorContext, job: Job, view: JobView) {
  const { vendor, resultUrl } = context
  const { model, seconds, size, extras } = job.order
  const { width, height } = sides(size)
  const isCancelled = view.failure?.code === cancelled.code
  const tokens = Math.round(seconds * tokensPerSecond)
  return {
    id: job.id,
    model: vendor.upstream.echoModel ?? model,
    status: isCancelled ? 'cancelled' : vendorStatus(vendor, words, view.status),
    created_at: Math.floor(job.createdAt / 1000),
    updated_at: Math.floor((job.end?.at ?? job.createdAt) / 1000),
    duration: seconds,
    ratio: ratioOf(width, height),
    resolution: `${Math.min(width, height)}p`,
    framespersecond: 24,
    generate_audio: extras['generate_audio'] ?? true,
    seed: extras['seed'] ?? 1,
    ...(withoutUrlIfAsked(vendor, view).hasUrl ? { content: { video_url: resultUrl(job) } } : {}),
    ...(view.hasUrl ? { usage: { completion_tokens: tokens, total_tokens: tokens } } : {}),
    error: isCancelled ? null : view.failure,
  }
}

/** The ratio in the smallest whole numbers: 1280 by 720 is `16:9`. */
function ratioOf(width: number, height: number): string {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))
  const common = divisor(width, height)
  return `${width / common}:${height / common}`
}
