import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { checkModel, checkSeconds } from '../../control/catalogue.ts'
import { checkPicture } from '../../control/picture.ts'
import { guarded, idOf, sendError, sendNotFound } from '../../dialect.ts'
import type { Dialect, VendorContext } from '../../dialect.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { polledJob, vendorStatus, viewOf, withoutUrlIfAsked } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job, Order } from '../../jobs/job.ts'
import { accepted, invalidRequest, invalidType } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { fieldsOf } from '../json-order.ts'
import { readMediaOrder } from '../media/media-order.ts'
import { serveFiles, versions, videoAddress } from './google-files.ts'
import { googleSpeech, interactionId } from './google-speech.ts'
import { base64, dataUrl, pictureType } from './inline-picture.ts'

/** Gemini Omni by the Interactions API (docs/vendors/video-apis.md#gemini-omni). */
export const geminiOmni: Dialect = {
  basePath: () => '/v1beta',
  speech: () => googleSpeech(interactionId),
  files: ({ files = 'guarded' }) => files,
  serve(app, context) {
    for (const version of versions) {
      serveInteractions(app, context, `/${version}/interactions`)
      app.get(`/${version}/models`, guarded(context, 'models'), (_request, reply) =>
        reply.send({ models: context.vendor.upstream.models.map((model) => ({ name: `models/${model}` })) }),
      )
    }
    serveFiles(app, context)
  },
}

function serveInteractions(app: FastifyInstance, context: VendorContext, path: string): void {
  const { vendor } = context
  app.post(path, guarded(context, 'create'), async (request, reply) => {
    const order = await readOrder(fieldsOf(request.body), context)
    const job = acceptCreate(context, request, reply, order)
    return job === null ? reply : reply.send(describe(context, job, viewOf(vendor, job)))
  })

  app.get(`${path}/:id`, guarded(context, 'poll'), (request, reply) => {
    const seen = polledJob(vendor, idOf(request))
    if (!seen.ok) return sendError(reply, context, seen.error)
    const { job, view } = seen.value
    return reply.send(describe(context, job, withoutUrlIfAsked(vendor, view)))
  })

  app.post(`${path}/:id/cancel`, guarded(context, 'delete'), (request, reply) => {
    const job = vendor.jobs.find(idOf(request))
    if (job === undefined) return sendNotFound(reply, context, idOf(request))
    if (job.end !== null) return sendError(reply, context, invalidRequest('It has ended.').error)
    vendor.jobs.end(job, { type: 'fails', failure: { code: cancelled, message: 'It was cancelled.' } })
    return reply.send(describe(context, job, viewOf(vendor, job)))
  })
}

const cancelled = 'cancelled'

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() })
const picturePart = z.strictObject({ type: z.literal('image'), data: base64, mime_type: pictureType })
/** Parts, or a step of the user that has them. */
const contentSchema = z.tuple([textPart], picturePart)
const tasks = ['text_to_video', 'image_to_video', 'reference_to_video'] as const
const orderSchema = z.strictObject({
  model: z.string(),
  background: z.literal(true),
  input: z.union([
    contentSchema,
    z
      .tuple([z.strictObject({ type: z.literal('user_input'), content: contentSchema })])
      .transform(([step]) => step.content),
  ]),
  generation_config: z.strictObject({ video_config: z.strictObject({ task: z.enum(tasks) }) }).optional(),
  response_format: z.strictObject({
    type: z.literal('video'),
    delivery: z.literal('uri'),
    duration: z
      .string()
      .regex(/^\d+(\.\d+)?s$/)
      .optional(),
    aspect_ratio: z.string().optional(),
    resolution: z.string().optional(),
  }),
})

/** The frames that a prompt names by tags, in the order of the pictures. */
const tags = [
  ['<FIRST_FRAME>', 'first_frame'],
  ['<LAST_FRAME>', 'last_frame'],
] as const
const mostPictures = 10

async function readOrder(fields: Record<string, unknown>, context: VendorContext): Promise<Verdict<Order>> {
  const { upstream } = context.vendor
  const read = orderSchema.safeParse(fields)
  if (!read.success) return invalidType(read.error.issues[0]?.path.join('.') ?? 'input', 'another value')
  const { model, input, response_format: format } = read.data
  const [{ text }, ...pictures] = input
  const frames = tags.flatMap(([tag, role]) => (text.includes(tag) ? [role] : []))
  if (pictures.length > mostPictures || pictures.length < frames.length)
    return invalidRequest(`expected ${frames.length} to ${mostPictures} images`, { param: 'input' })
  const { duration, aspect_ratio: ratio, resolution } = format
  const media = pictures.map(
    ({ data, mime_type: type }, index) =>
      ({ kind: 'image', role: frames[index] ?? 'reference', url: dataUrl(type, data) }) as const,
  )
  return readMediaOrder(
    {
      fields: { prompt: text.replace(/^\[# Sources [^\]]*\] /, ''), task: taskOf(read.data) },
      model: checkModel(upstream, model),
      seconds: checkSeconds(upstream, duration === undefined ? 10 : Number.parseFloat(duration), 'duration'),
      size: checkPicture(
        upstream,
        { ratio, resolution },
        { ratio: 'aspect_ratio', resolution: 'resolution' },
      ),
      media: accepted(media),
      mediaField: 'input',
      read: [],
    },
    context,
  )
}

function taskOf({ generation_config: config }: z.output<typeof orderSchema>) {
  return config?.video_config.task
}

const words = { queued: 'queued', in_progress: 'in_progress', completed: 'completed', failed: 'failed' }

function describe(context: VendorContext, job: Job, view: JobView) {
  const { vendor } = context
  const { failure } = view
  const isCancelled = failure?.code === cancelled
  const video = { type: 'video', mime_type: 'video/mp4', uri: videoAddress(context, job) }
  return {
    id: job.id,
    object: 'interaction',
    model: vendor.upstream.echoModel ?? job.order.model,
    status: isCancelled ? cancelled : vendorStatus(vendor, words, view.status),
    created: new Date(job.createdAt).toISOString(),
    ...(view.hasUrl && {
      steps: [{ type: 'user_input' }, { type: 'model_output', content: [video] }],
      usage: { total_output_tokens: Math.round(job.order.seconds * 5792) },
    }),
    ...(failure !== null && !isCancelled && { errors: [{ code: failure.code, message: failure.message }] }),
  }
}
