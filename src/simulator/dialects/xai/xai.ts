import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { checkLength } from '../../control/catalogue.ts'
import { checkPicture } from '../../control/picture.ts'
import { guarded, idOf, openFiles, sendError } from '../../dialect.ts'
import type { Dialect, VendorContext } from '../../dialect.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { polledJob, vendorStatus, withoutUrlIfAsked } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job } from '../../jobs/job.ts'
import { accepted, invalidRequest, invalidType } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { fieldsOf } from '../json-order.ts'
import { readMediaOrder } from '../media/media-order.ts'
import type { NamedMedium } from '../media/media-order.ts'
import { moderated, xaiSpeech } from './xai-speech.ts'

/** Grok Imagine of xAI (docs/vendors/video-apis.md#xai). */
export const xai: Dialect = {
  basePath: () => '/v1',
  speech: xaiSpeech,
  files: openFiles,
  serve(app, context) {
    serveVideos(app, context)
  },
}

function serveVideos(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  app.post('/v1/videos/generations', guarded(context, 'create'), async (request, reply) => {
    const fields = fieldsOf(request.body)
    const { resolution, aspect_ratio: ratio } = fields
    const names = { ratio: 'aspect_ratio', resolution: 'resolution' }
    const order = await readMediaOrder(
      {
        fields,
        seconds: checkLength(vendor.upstream, fields['duration'], 'duration', 'number'),
        size: checkPicture(vendor.upstream, { ratio, resolution }, names),
        media: readMedia(fields),
        mediaField: 'image',
        read: ['duration', 'resolution', 'aspect_ratio', 'image', 'last_frame', 'reference_images'],
      },
      context,
    )
    const job = acceptCreate(context, request, reply, order)
    return job === null ? reply : reply.send({ request_id: job.id })
  })

  app.get('/v1/videos/:id', guarded(context, 'poll'), (request, reply) => {
    const seen = polledJob(vendor, idOf(request))
    if (!seen.ok) return sendError(reply, context, seen.error)
    const { job, view } = seen.value
    const described = describe(context, job, view)
    if (described.status !== words.in_progress) return reply.send(described)
    return job.polls === 1 ? reply.status(202).send() : reply.status(202).send(described)
  })
}

const picture = z.object({ url: z.string().min(1) })
const mostReferences = 7

function frame(role: 'first_frame' | 'last_frame', data: { url: string } | undefined): NamedMedium[] {
  return data === undefined ? [] : [{ kind: 'image', role, url: data.url }]
}

function readMedia(fields: Record<string, unknown>): Verdict<NamedMedium[]> {
  const first = picture.optional().safeParse(fields['image'])
  if (!first.success) return invalidType('image', 'an object with url')
  const last = picture.optional().safeParse(fields['last_frame'])
  if (!last.success) return invalidType('last_frame', 'an object with url')
  const references = z.array(picture).safeParse(fields['reference_images'] ?? [])
  if (!references.success) return invalidType('reference_images', 'an array of objects with url')
  const isFramed = first.data !== undefined || last.data !== undefined
  if (references.data.length > mostReferences || (isFramed && references.data.length > 0))
    return invalidRequest(`expected an image, or at most ${mostReferences} reference images`, {
      param: 'reference_images',
    })
  return accepted([
    ...frame('first_frame', first.data),
    ...frame('last_frame', last.data),
    ...references.data.map(({ url }) => ({ kind: 'image', role: 'reference', url }) as const),
  ])
}

const words = { queued: 'pending', in_progress: 'pending', completed: 'done', failed: 'failed' }
const ticksPerMicro = 10_000

function describe({ vendor, resultUrl }: VendorContext, job: Job, view: JobView) {
  const model = vendor.upstream.echoModel ?? job.order.model
  // A refused video has the status `done`, without a video.
  if (view.failure?.code === moderated) return { status: 'done', model, video: { respect_moderation: false } }
  const { hasUrl } = withoutUrlIfAsked(vendor, view)
  const video = { url: resultUrl(job), duration: job.order.seconds, respect_moderation: true }
  return {
    status: vendorStatus(vendor, words, view.status),
    model,
    ...(view.progress === undefined ? {} : { progress: view.progress }),
    ...(hasUrl ? { video } : {}),
    ...(view.hasUrl ? { usage: { cost_in_usd_ticks: vendor.jobs.billed(job) * ticksPerMicro } } : {}),
    ...(view.failure === null ? {} : { error: view.failure }),
  }
}
