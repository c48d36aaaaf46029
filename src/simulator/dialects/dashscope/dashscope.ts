import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkLength, checkModel } from '../../control/catalogue.ts'
import { checkPicture } from '../../control/picture.ts'
import { guarded, idOf, openFiles, sendError } from '../../dialect.ts'
import type { Dialect, VendorContext } from '../../dialect.ts'
import { uuid } from '../../ids.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { polledJob, vendorStatus, viewOf, withoutUrlIfAsked } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job, Order } from '../../jobs/job.ts'
import { invalidRequest, invalidType } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { fieldsOf } from '../json-order.ts'
import { readMediaOrder } from '../media/media-order.ts'
import { pageOf } from '../content-tasks/task-page.ts'
import { readDashscopeMedia } from './dashscope-media.ts'
import { dashscopeSpeech } from './dashscope-speech.ts'

/** Alibaba Model Studio: Wan and HappyHorse (docs/vendors/video-apis.md#dashscope). */
export const dashscope: Dialect = {
  basePath: () => '',
  speech: dashscopeSpeech,
  files: openFiles,
  serve(app, context) {
    serveCreate(app, context)
    serveTasks(app, context)
  },
}

function serveCreate(app: FastifyInstance, context: VendorContext): void {
  const path = '/api/v1/services/aigc/video-generation/video-synthesis'
  app.post(path, guarded(context, 'create'), async (request, reply) => {
    const job = acceptCreate(context, request, reply, await readOrder(request, context))
    if (job === null) return reply
    return reply.send({ request_id: uuid(), output: { task_id: job.id, task_status: words.queued } })
  })
}

const settings = z.object({
  audio: z.boolean().optional(),
  seed: z.int().min(0).max(2_147_483_647).optional(),
  prompt_extend: z.boolean().optional(),
  watermark: z.boolean().optional(),
})

async function readOrder(request: FastifyRequest, context: VendorContext): Promise<Verdict<Order>> {
  const { upstream } = context.vendor
  if (request.headers['x-dashscope-async'] !== 'enable')
    return invalidRequest('current user api does not support synchronous calls')
  const { model, input, parameters } = fieldsOf(request.body)
  const { prompt, media, negative_prompt } = fieldsOf(input)
  const given = fieldsOf(parameters)
  const checked = settings.safeParse(given)
  if (!checked.success)
    return invalidType(`parameters.${String(checked.error.issues[0]?.path[0])}`, 'another')
  const names = { ratio: 'parameters.ratio', resolution: 'parameters.resolution' }
  return readMediaOrder(
    {
      fields: { ...given, prompt, negative_prompt },
      model: checkModel(upstream, model ?? ''),
      seconds: checkLength(upstream, given['duration'], 'parameters.duration', 'number'),
      size: checkPicture(upstream, { ratio: given['ratio'], resolution: given['resolution'] }, names),
      media: readDashscopeMedia(media, model),
      mediaField: 'input.media',
      read: ['duration', 'ratio', 'resolution'],
    },
    context,
  )
}

function serveTasks(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  const list = (request: FastifyRequest, reply: FastifyReply) => {
    const { page_no: page_num, page_size } = fieldsOf(request.query)
    const { jobs, total } = pageOf(vendor, { page_num, page_size })
    const data = jobs.map((job) => ({
      task_id: job.id,
      status: wordOf(context, viewOf(vendor, job)),
      model_name: job.order.model,
      gmt_create: job.createdAt,
    }))
    return reply.send({ request_id: uuid(), total, data })
  }
  // The document has it with a slash, and `dashscope` without one.
  for (const path of ['/api/v1/tasks/', '/api/v1/tasks']) app.get(path, guarded(context, 'list'), list)

  app.get('/api/v1/tasks/:id', guarded(context, 'poll'), (request, reply) => {
    const id = idOf(request)
    const seen = polledJob(vendor, id)
    if (seen.ok) return reply.send(describe(context, seen.value.job, seen.value.view))
    if (seen.error.kind !== 'job_unknown') return sendError(reply, context, seen.error)
    return reply.send({ request_id: uuid(), output: { task_id: id, task_status: 'UNKNOWN' } })
  })

  app.post('/api/v1/tasks/:id/cancel', guarded(context, 'delete'), (request, reply) => {
    const job = vendor.jobs.find(idOf(request))
    if (job === undefined || viewOf(vendor, job).status !== 'queued')
      return sendError(reply, context, invalidRequest(notPending, { code: 'UnsupportedOperation' }).error)
    vendor.jobs.end(job, { type: 'fails', failure: { code: cancelled, message: 'The task was canceled.' } })
    return reply.send({ request_id: uuid() })
  })
}

const notPending = 'Failed to cancel the task, please confirm if the task is in PENDING status.'
const cancelled = 'CANCELED'
const words = { queued: 'PENDING', in_progress: 'RUNNING', completed: 'SUCCEEDED', failed: 'FAILED' }

function wordOf({ vendor }: VendorContext, { status, failure }: JobView): string {
  return failure?.code === cancelled ? cancelled : vendorStatus(vendor, words, status)
}

function describe(context: VendorContext, job: Job, view: JobView) {
  const { vendor, resultUrl } = context
  const { seconds, prompt } = job.order
  return {
    request_id: uuid(),
    output: {
      task_id: job.id,
      task_status: wordOf(context, view),
      submit_time: new Date(job.createdAt).toISOString(),
      orig_prompt: prompt,
      ...(withoutUrlIfAsked(vendor, view).hasUrl ? { video_url: resultUrl(job) } : {}),
      ...view.failure,
    },
    ...(view.hasUrl ? { usage: { duration: seconds, output_video_duration: seconds, video_count: 1 } } : {}),
  }
}
