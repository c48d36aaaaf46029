import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { checkLength } from '../../control/catalogue.ts'
import { checkPicture } from '../../control/picture.ts'
import { toUsd } from '../../control/price.ts'
import { guarded, idOf, sendError, sendNotFound } from '../../dialect.ts'
import type { Dialect, VendorContext } from '../../dialect.ts'
import { expired, notReady } from '../../faults/vendor-errors.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { sendVideo } from '../../jobs/content.ts'
import { polledJob, vendorStatus, viewOf, withoutUrlIfAsked } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job } from '../../jobs/job.ts'
import { accepted, invalidType } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { fieldsOf } from '../json-order.ts'
import { readMediaOrder } from '../media/media-order.ts'
import type { NamedMedium } from '../media/media-order.ts'
import { openrouterSpeech } from './openrouter-speech.ts'

/** OpenRouter's Video API: jobs with a polling URL, and an endpoint for the video (docs/vendors/video-apis.md#openrouter). */
export const openrouter: Dialect = {
  basePath: () => '/api/v1',
  speech: openrouterSpeech,
  files: ({ files = 'guarded' }) => files,
  serve(app, context) {
    serveVideos(app, context)
    serveContent(app, context)
  },
}

function serveVideos(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  app.post('/api/v1/videos', guarded(context, 'create'), async (request, reply) => {
    const fields = fieldsOf(request.body)
    const { resolution, aspect_ratio: ratio } = fields
    const order = await readMediaOrder(
      {
        fields,
        seconds: checkLength(vendor.upstream, fields['duration'], 'duration', 'number'),
        size: checkPicture(
          vendor.upstream,
          { ratio, resolution },
          { ratio: 'aspect_ratio', resolution: 'resolution' },
        ),
        media: readMedia(fields),
        mediaField: 'input_references',
        read: ['duration', 'resolution', 'aspect_ratio', 'frame_images', 'input_references'],
      },
      context,
    )
    const job = acceptCreate(context, request, reply, order)
    if (job === null) return reply
    return reply.status(vendor.upstream.createStatus ?? 202).send(describe(context, job, viewOf(vendor, job)))
  })

  app.get('/api/v1/videos/models', guarded(context, 'models'), (_request, reply) =>
    reply.send({ data: vendor.upstream.models.map((id) => ({ id, canonical_slug: id })) }),
  )
  app.get('/api/v1/videos/:id', guarded(context, 'poll'), (request, reply) => {
    const seen = polledJob(vendor, idOf(request))
    return seen.ok
      ? reply.send(describe(context, seen.value.job, seen.value.view))
      : sendError(reply, context, seen.error)
  })
}

function serveContent(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  app.get('/api/v1/videos/:id/content', guarded(context, 'content'), async (request, reply) => {
    const job = vendor.jobs.find(idOf(request))
    if (job === undefined) return sendNotFound(reply, context, idOf(request))
    if (job.end === null || job.end.failure !== null)
      return sendError(reply, context, { ...notReady, status: 409 })
    if (vendor.jobs.isExpired(job)) return sendError(reply, context, { ...expired(410) })
    return sendVideo(reply, context, job)
  })
}

const address = z.object({ url: z.string().min(1) })
const frames = z.array(
  z.object({
    type: z.literal('image_url'),
    frame_type: z.enum(['first_frame', 'last_frame']),
    image_url: address,
  }),
)
const references = z.array(
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('image_url'), image_url: address }),
    z.object({ type: z.literal('video_url'), video_url: address }),
    z.object({ type: z.literal('audio_url'), audio_url: address }),
  ]),
)

/** With frames, references are ignored silently (docs/vendors/video-apis.md#openrouter). */
function readMedia(fields: Record<string, unknown>): Verdict<NamedMedium[]> {
  const framed = frames.safeParse(fields['frame_images'] ?? [])
  if (!framed.success) return invalidType('frame_images', 'an array of frames')
  const referred = references.safeParse(fields['input_references'] ?? [])
  if (!referred.success) return invalidType('input_references', 'an array of content parts')
  if (framed.data.length > 0)
    return accepted(
      framed.data.map(({ frame_type: role, image_url: { url } }) => ({ kind: 'image', role, url })),
    )
  return accepted(
    referred.data.map((each): NamedMedium => {
      if (each.type === 'image_url') return { kind: 'image', role: 'reference', url: each.image_url.url }
      if (each.type === 'video_url') return { kind: 'video', role: 'reference', url: each.video_url.url }
      return { kind: 'audio', role: 'reference', url: each.audio_url.url }
    }),
  )
}

const words = { queued: 'pending', in_progress: 'in_progress', completed: 'completed', failed: 'failed' }

function describe(context: VendorContext, job: Job, view: JobView) {
  const { vendor, host, resultUrl } = context
  const { hasUrl } = withoutUrlIfAsked(vendor, view)
  // Its own endpoint, or the URL of a provider.
  const url =
    vendor.upstream.files === undefined ? `${host}/api/v1/videos/${job.id}/content?index=0` : resultUrl(job)
  return {
    id: job.id,
    polling_url: `${host}/api/v1/videos/${job.id}`,
    status: vendorStatus(vendor, words, view.status),
    ...(hasUrl ? { generation_id: job.id, unsigned_urls: [url] } : {}),
    ...(view.hasUrl ? { usage: { cost: toUsd(vendor.jobs.billed(job)), is_byok: false } } : {}),
    ...(view.failure === null ? {} : { error: view.failure.message }),
  }
}
