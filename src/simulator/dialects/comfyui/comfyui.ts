import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { checkModel, checkPrompt, checkSeconds, checkSize } from '../../control/catalogue.ts'
import { sendVideo } from '../../jobs/content.ts'
import { guarded, heldBack, idOf, sendError, stopped } from '../../dialect.ts'
import type { VendorContext, Dialect } from '../../dialect.ts'
import { polledJob, viewOf } from '../../jobs/job-view.ts'
import type { Job, Order } from '../../jobs/job.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { expired, notReady } from '../../faults/vendor-errors.ts'
import { accepted, invalidRequest } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { readGraph } from './comfyui-graph.ts'
import { comfyuiSpeech } from './comfyui-speech.ts'
import { fieldsOf } from '../json-order.ts'

/** ComfyUI: a queue of workflows whose ids the clients choose, and a history of those that have ended. */
export const comfyui: Dialect = {
  basePath: () => '',
  speech: comfyuiSpeech,
  files: () => 'open',
  serve(app, context) {
    const uploads = new Map<string, number>()
    serveUpload(app, uploads)
    servePrompt(app, context, uploads)
    serveHistory(app, context)
    serveQueue(app, context)
    serveView(app, context)
  },
}

function serveUpload(app: FastifyInstance, uploads: Map<string, number>): void {
  app.post('/upload/image', async (request, reply) => {
    const file = await request.file()
    if (file === undefined || file.fieldname !== 'image') return reply.status(400).send('')
    uploads.set(file.filename, (await file.toBuffer()).length)
    return reply.send({ name: file.filename, subfolder: '', type: 'input' })
  })
}

function servePrompt(
  app: FastifyInstance,
  context: VendorContext,
  uploads: ReadonlyMap<string, number>,
): void {
  app.post('/prompt', guarded(context, 'create'), (request, reply) => {
    const job = acceptCreate(context, request, reply, readOrder(request.body, context, uploads))
    if (job === null) return reply
    return reply.send({ prompt_id: job.id, number: context.vendor.jobs.all().length, node_errors: {} })
  })
}

function readOrder(
  body: unknown,
  { vendor }: VendorContext,
  uploads: ReadonlyMap<string, number>,
): Verdict<Order> {
  const { upstream } = vendor
  const graph = readGraph(body)
  if (graph === null)
    return invalidRequest('Cannot execute because a node is missing the class_type property.')
  const prompt = checkPrompt(graph.prompt)
  if (!prompt.ok) return prompt
  const model = checkModel(upstream, graph.model)
  if (!model.ok) return model
  const seconds = checkSeconds(upstream, graph.seconds, 'length')
  if (!seconds.ok) return seconds
  const size = checkSize(upstream, graph.size)
  if (!size.ok) return size
  const bytes = graph.image === null ? null : uploads.get(graph.image)
  if (bytes === undefined) return invalidRequest(`image - Invalid image file: ${graph.image ?? ''}`)
  return accepted({
    // A repeated id creates a second job, and both are counted.
    ...(graph.id !== undefined && vendor.jobs.find(graph.id) === undefined && { id: graph.id }),
    model: model.value,
    prompt: prompt.value,
    seconds: seconds.value,
    size: size.value,
    characters: [],
    reference: bytes === null ? null : { kind: 'image', bytes },
    influenceStrength: null,
    extras: {},
  })
}

function serveHistory(app: FastifyInstance, context: VendorContext): void {
  app.get('/history/:id', guarded(context, 'poll'), (request, reply) => {
    const seen = polledJob(context.vendor, idOf(request))
    if (!seen.ok) return sendError(reply, context, seen.error)
    const { job, view } = seen.value
    return reply.send(view.status === 'completed' || view.failure !== null ? { [job.id]: entryOf(job) } : {})
  })
}

function entryOf(job: Job) {
  const failure = job.end?.failure ?? null
  const message = ['execution_error', { exception_message: failure?.message, node_type: 'KSampler' }]
  const file = { filename: `${job.id}_00001_.mp4`, subfolder: 'understudy', type: 'output' }
  return {
    prompt: [1, job.id, {}, {}, ['11']],
    outputs: failure === null ? { '11': { images: [file], animated: [true] } } : {},
    status: {
      status_str: failure === null ? 'success' : 'error',
      completed: failure === null,
      messages: failure === null ? [['execution_success', { prompt_id: job.id }]] : [message],
    },
  }
}

const stopping = z.object({ delete: z.array(z.string()).default([]) })
const interruption = z.object({ prompt_id: z.string().optional() })

/** Jobs wait in the queue until their first poll, and run afterwards. */
function serveQueue(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  const open = () => vendor.jobs.all().filter((job) => !job.deleted && job.end === null)
  const statusOf = (job: Job) => viewOf(vendor, job).status
  const rows = (status: string) =>
    open().flatMap((job, index) => (statusOf(job) === status ? [[index, job.id, {}, {}, ['11']]] : []))
  app.get('/queue', guarded(context, 'poll'), (_request, reply) =>
    reply.send({ queue_running: rows('in_progress'), queue_pending: rows('queued') }),
  )
  app.post('/queue', guarded(context, 'delete'), (request, reply) => {
    const { delete: ids } = stopping.parse(fieldsOf(request.body))
    for (const job of open()) if (ids.includes(job.id) && statusOf(job) === 'queued') vendor.jobs.remove(job)
    return reply.send('')
  })
  app.post('/interrupt', guarded(context, 'delete'), (request, reply) => {
    const { prompt_id: id } = interruption.parse(fieldsOf(request.body))
    const job = open().find((each) => each.id === id && statusOf(each) === 'in_progress')
    if (job !== undefined)
      vendor.jobs.end(job, { type: 'fails', failure: { code: 'interrupted', message: 'Interrupted.' } })
    return reply.send('')
  })
}

const viewQuery = z.object({ filename: z.string() })

function serveView(app: FastifyInstance, context: VendorContext): void {
  app.get('/view', heldBack(context), async (request, reply) => {
    const { filename = '' } = viewQuery.safeParse(request.query).data ?? {}
    const id = filename.replace(/_\d+_\.mp4$/, '')
    if (stopped(context, 'content', { request, reply, jobId: id })) return reply
    const job = context.vendor.jobs.find(id)
    if (job === undefined || job.end === null) return sendError(reply, context, { ...notReady, status: 404 })
    if (context.vendor.jobs.isExpired(job)) return sendError(reply, context, expired(404))
    return sendVideo(reply, context, job)
  })
}
