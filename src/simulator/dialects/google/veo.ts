import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkLength } from '../../control/catalogue.ts'
import { checkPicture } from '../../control/picture.ts'
import { heldBack, guarded, sendError, stopped } from '../../dialect.ts'
import type { Dialect, VendorContext } from '../../dialect.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { polledJob, withoutUrlIfAsked } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job, Order } from '../../jobs/job.ts'
import { modelUnknown } from '../../faults/vendor-errors.ts'
import { accepted, invalidRequest, invalidType } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { fieldsOf } from '../json-order.ts'
import { readMediaOrder } from '../media/media-order.ts'
import type { NamedMedium } from '../media/media-order.ts'
import { filtered, googleSpeech, operationName } from './google-speech.ts'
import { serveFiles, videoAddress } from './google-files.ts'
import { bytesSchema } from './inline-picture.ts'

/** Veo at the Gemini API (docs/vendors/video-apis.md#veo). */
export const veo: Dialect = {
  basePath: () => '/v1beta',
  speech: () => googleSpeech(operationName),
  files: ({ files = 'guarded' }) => files,
  serve(app, context) {
    serveModels(app, context)
    serveFiles(app, context)
  },
}

const callPath = z.object({ call: z.string() })
const operationPath = z.object({ model: z.string(), operation: z.string() })

function serveModels(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  app.post('/v1beta/models/:call', guarded(context, 'create'), async (request, reply) => {
    const [model = '', verb] = callPath.parse(request.params).call.split(':')
    if (verb !== 'predictLongRunning' || !vendor.upstream.models.includes(model))
      return sendError(reply, context, modelUnknown)
    const order = await readOrder(request, context, model)
    const job = acceptCreate(context, request, reply, order)
    return job === null ? reply : reply.send({ name: job.id })
  })

  app.get('/v1beta/models', guarded(context, 'models'), (_request, reply) =>
    reply.send({ models: vendor.upstream.models.map((model) => ({ name: `models/${model}` })) }),
  )

  const poll = (request: FastifyRequest, reply: FastifyReply) => {
    const { model, operation } = operationPath.parse(request.params)
    const jobId = `models/${model}/operations/${operation}`
    if (stopped(context, 'poll', { request, reply, jobId })) return reply
    const seen = polledJob(vendor, jobId)
    return seen.ok
      ? reply.send(describe(context, seen.value.job, seen.value.view))
      : sendError(reply, context, seen.error)
  }
  app.get('/v1beta/models/:model/operations/:operation', heldBack(context), poll)
}

const instanceSchema = z.strictObject({
  prompt: z.unknown(),
  image: bytesSchema.optional(),
  lastFrame: bytesSchema.optional(),
  referenceImages: z
    .array(z.strictObject({ image: bytesSchema, referenceType: z.enum(['asset', 'ASSET']) }))
    .min(1)
    .max(3)
    .optional(),
})
const orderSchema = z.strictObject({
  instances: z.tuple([instanceSchema]),
  parameters: z.record(z.string(), z.unknown()).default({}),
})
const known = [
  'aspectRatio',
  'resolution',
  'durationSeconds',
  'negativePrompt',
  'seed',
  'personGeneration',
  'sampleCount',
]

async function readOrder(
  request: FastifyRequest,
  context: VendorContext,
  model: string,
): Promise<Verdict<Order>> {
  const { upstream } = context.vendor
  const read = orderSchema.safeParse(fieldsOf(request.body))
  if (!read.success) return invalidType(read.error.issues[0]?.path.join('.') ?? 'instances', 'another value')
  const { parameters } = read.data
  const [{ prompt, ...pictures }] = read.data.instances
  const unknown = Object.keys(parameters).find((name) => !known.includes(name))
  if (unknown !== undefined)
    return invalidRequest(`Invalid JSON payload received. Unknown name "${unknown}".`)
  const { aspectRatio: ratio, resolution, durationSeconds, sampleCount = 1 } = parameters
  if (sampleCount !== 1) return invalidRequest('sampleCount has to be 1.')
  return readMediaOrder(
    {
      fields: { ...parameters, prompt },
      model: accepted(model),
      seconds: checkLength(upstream, durationSeconds, 'durationSeconds', 'number'),
      size: checkPicture(upstream, { ratio, resolution }, { ratio: 'aspectRatio', resolution: 'resolution' }),
      media: mediaOf(pictures),
      mediaField: 'image',
      read: ['aspectRatio', 'resolution', 'durationSeconds', 'sampleCount'],
    },
    context,
  )
}

function mediaOf({
  image,
  lastFrame,
  referenceImages = [],
}: Omit<z.output<typeof instanceSchema>, 'prompt'>): Verdict<NamedMedium[]> {
  if (lastFrame !== undefined && image === undefined) return invalidRequest('lastFrame needs an image.')
  if (image !== undefined && referenceImages.length > 0)
    return invalidRequest('Image and reference images cannot be both set.')
  return accepted([
    ...(image === undefined ? [] : [named('first_frame', image)]),
    ...(lastFrame === undefined ? [] : [named('last_frame', lastFrame)]),
    ...referenceImages.map((each) => named('reference', each.image)),
  ])
}

function named(role: NamedMedium['role'], url: string): NamedMedium {
  return { kind: 'image', role, url }
}

/** Only words that are not states are written out, as an odd vendor would. */
function describe(context: VendorContext, job: Job, view: JobView) {
  const { vendor } = context
  const { failure } = view
  const { id: name } = job
  if (view.status !== 'completed' && view.status !== 'failed')
    return {
      name,
      ...(view.status === 'in_progress' || view.status === 'queued'
        ? {}
        : { metadata: { state: view.status } }),
    }
  if (failure !== null && failure.code !== filtered.late)
    return { name, done: true, error: { code: 13, message: failure.message } }
  const generateVideoResponse =
    failure === null
      ? withoutUrlIfAsked(vendor, view).hasUrl
        ? { generatedSamples: [{ video: { uri: videoAddress(context, job) } }] }
        : {}
      : { raiMediaFilteredCount: 1, raiMediaFilteredReasons: [failure.message] }
  const type = 'type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse'
  return { name, done: true, response: { '@type': type, generateVideoResponse } }
}
