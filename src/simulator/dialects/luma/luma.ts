import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { checkModel, checkSeconds } from '../../control/catalogue.ts'
import { checkPicture } from '../../control/picture.ts'
import { guarded, idOf, openFiles, sendError } from '../../dialect.ts'
import type { Dialect, VendorContext } from '../../dialect.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { polledJob, vendorStatus, viewOf, withoutUrlIfAsked } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job, Order } from '../../jobs/job.ts'
import { accepted, invalidRequest, invalidType } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { fieldsOf } from '../json-order.ts'
import { readMediaOrder } from '../media/media-order.ts'
import type { NamedMedium } from '../media/media-order.ts'
import { lumaSpeech } from './luma-speech.ts'

/** Ray by the Luma Agents API (docs/vendors/video-apis.md#luma). */
export const luma: Dialect = {
  basePath: () => '/v1',
  speech: lumaSpeech,
  files: openFiles,
  serve(app, context) {
    serveGenerations(app, context)
  },
}

function serveGenerations(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  app.post('/v1/generations', guarded(context, 'create'), async (request, reply) => {
    const job = acceptCreate(context, request, reply, await readOrder(fieldsOf(request.body), context))
    return job === null ? reply : reply.status(201).send(describe(context, job, viewOf(vendor, job)))
  })

  app.get('/v1/generations/:id', guarded(context, 'poll'), (request, reply) => {
    const seen = polledJob(vendor, idOf(request))
    if (!seen.ok) return sendError(reply, context, seen.error)
    const { job, view } = seen.value
    return reply.send(describe(context, job, withoutUrlIfAsked(vendor, view)))
  })
}

const picture = z.strictObject({ url: z.url({ protocol: /^https?$/ }) })
const orderSchema = z.strictObject({
  type: z.literal('video'),
  model: z.string(),
  prompt: z.string(),
  aspect_ratio: z.string().optional(),
  video: z.strictObject({
    duration: z
      .string()
      .regex(/^\d+s$/)
      .optional(),
    resolution: z.string().optional(),
    start_frame: picture.optional(),
    end_frame: picture.optional(),
    keyframes: z.array(picture).min(1).max(64).optional(),
    keyframe_indexes: z.array(z.int().min(0)).optional(),
    loop: z.boolean().optional(),
    hdr: z.boolean().optional(),
  }),
})

const framesPerSecond = 24

async function readOrder(fields: Record<string, unknown>, context: VendorContext): Promise<Verdict<Order>> {
  const { upstream } = context.vendor
  const read = orderSchema.safeParse(fields)
  if (!read.success) return invalidType(read.error.issues[0]?.path.join('.') ?? 'body', 'another value')
  const { prompt, model, aspect_ratio: ratio, video } = read.data
  const { duration = '5s', resolution, loop, hdr } = video
  const seconds = Number.parseInt(duration, 10)
  if (loop === true && (video.keyframes !== undefined || seconds > 5))
    return invalidRequest('loop is not supported with keyframes or 10s', { param: 'video.loop' })
  return readMediaOrder(
    {
      fields: { ...(loop !== undefined && { loop }), ...(hdr !== undefined && { hdr }), prompt },
      model: checkModel(upstream, model),
      seconds: checkSeconds(upstream, seconds, 'video.duration'),
      size: checkPicture(
        upstream,
        { ratio, resolution },
        { ratio: 'aspect_ratio', resolution: 'video.resolution' },
      ),
      media: mediaOf(video, seconds),
      mediaField: 'video.keyframes',
      read: [],
    },
    context,
  )
}

/** Two frames by their names, which exclude those with places and go with five seconds alone. */
function mediaOf(video: z.output<typeof orderSchema>['video'], seconds: number): Verdict<NamedMedium[]> {
  const { start_frame: start, end_frame: end, keyframes = [], keyframe_indexes: indexes = [] } = video
  if (start === undefined && end === undefined) return framesAt(keyframes, indexes, seconds * framesPerSecond)
  if (keyframes.length > 0 || seconds > 5)
    return invalidRequest('start_frame and end_frame go with 5s, and without keyframes', {
      param: 'video.start_frame',
    })
  return accepted([
    ...(start === undefined ? [] : [{ kind: 'image', role: 'first_frame', url: start.url } as const]),
    ...(end === undefined ? [] : [{ kind: 'image', role: 'last_frame', url: end.url } as const]),
  ])
}

/** Each keyframe has its place, and no two have the same one. */
function framesAt(
  keyframes: ReadonlyArray<{ url: string }>,
  indexes: readonly number[],
  end: number,
): Verdict<NamedMedium[]> {
  const isFair = new Set(indexes).size === keyframes.length && indexes.length === keyframes.length
  if (!isFair || indexes.some((index) => index > end))
    return invalidRequest(`keyframe_indexes must match keyframes and lie in 0..${end}`, {
      param: 'video.keyframe_indexes',
    })
  return accepted(
    keyframes.map(({ url }, order) => ({
      kind: 'image',
      role: indexes[order] === 0 ? 'first_frame' : indexes[order] === end ? 'last_frame' : 'reference',
      url,
    })),
  )
}

const words = { queued: 'queued', in_progress: 'processing', completed: 'completed', failed: 'failed' }

function describe({ vendor, resultUrl }: VendorContext, job: Job, view: JobView) {
  const { failure } = view
  return {
    id: job.id,
    created_at: new Date(job.createdAt).toISOString(),
    model: vendor.upstream.echoModel ?? job.order.model,
    type: 'video',
    state: vendorStatus(vendor, words, view.status),
    output: view.hasUrl ? [{ type: 'video', url: resultUrl(job) }] : null,
    failure_code: failure?.code ?? null,
    failure_reason: failure?.message ?? null,
  }
}
