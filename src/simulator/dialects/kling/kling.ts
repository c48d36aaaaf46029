import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { checkLength } from '../../control/catalogue.ts'
import { checkPicture } from '../../control/picture.ts'
import { guarded, idOf, openFiles, sendError, sendNotFound } from '../../dialect.ts'
import type { Dialect, VendorContext } from '../../dialect.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { polledJob, vendorStatus, withoutUrlIfAsked } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job, Order } from '../../jobs/job.ts'
import { accepted, invalidRequest, invalidType } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import type { SimulatedUpstream } from '../../simulated-upstream.ts'
import { after, fieldsOf } from '../json-order.ts'
import { readMediaOrder } from '../media/media-order.ts'
import { takeExactJson } from './exact-json.ts'
import { serveElements } from './kling-elements.ts'
import { checkKlingModel, klingKinds, readKlingMedia } from './kling-kinds.ts'
import type { KlingKind } from './kling-kinds.ts'
import { klingSpeech } from './kling-speech.ts'

/** Kling: a path for each kind of input, elements, keys or signed tokens (docs/vendors/video-apis.md#kling). */
export const kling: Dialect = {
  basePath: () => '',
  speech: klingSpeech,
  files: openFiles,
  serve(app, context) {
    takeExactJson(app)
    if (context.vendor.upstream.characters) serveElements(app, context)
    for (const kind of klingKinds) serveVideos(app, context, kind)
  },
}

function serveVideos(app: FastifyInstance, context: VendorContext, kind: KlingKind): void {
  const { vendor } = context
  app.post(`/v1/videos/${kind}`, guarded(context, 'create'), async (request, reply) => {
    const order = await readOrder(fieldsOf(request.body), kind, context)
    const job = acceptCreate(context, request, reply, order)
    if (job === null) return reply
    const data = { task_id: job.id, task_status: words.queued, created_at: job.createdAt }
    return reply.send({ code: 0, message: 'SUCCEED', request_id: randomUUID(), data })
  })

  app.get(`/v1/videos/${kind}/:id`, guarded(context, 'poll'), (request, reply) => {
    // A task is known below the path that made it.
    const known = vendor.jobs.find(idOf(request))
    if (known !== undefined && known.order.extras['endpoint'] !== kind)
      return sendNotFound(reply, context, idOf(request))
    const seen = polledJob(vendor, idOf(request))
    return seen.ok
      ? reply.send({
          code: 0,
          message: 'SUCCEED',
          request_id: randomUUID(),
          data: describe(context, seen.value.job, seen.value.view),
        })
      : sendError(reply, context, seen.error)
  })
}

const settings = z.object({
  mode: z.enum(['std', 'pro', '4k']).default('std'),
  sound: z.enum(['on', 'off']).optional(),
  negative_prompt: z.string().max(2500).optional(),
  aspect_ratio: z.enum(['16:9', '9:16', '1:1']).optional(),
})

async function readOrder(
  fields: Record<string, unknown>,
  kind: KlingKind,
  context: VendorContext,
): Promise<Verdict<Order>> {
  const { vendor } = context
  const given = settings.safeParse(fields)
  if (!given.success) return invalidType(String(given.error.issues[0]?.path[0]), 'another value')
  const { mode, aspect_ratio: ratio, negative_prompt: negative } = given.data
  if (ratio !== undefined && kind === 'image2video')
    return invalidRequest('the picture has its own', { param: 'aspect_ratio' })
  if (negative !== undefined && kind === 'omni-video')
    return invalidRequest('is not a field of omni-video', { param: 'negative_prompt' })
  const media = readKlingMedia(fields, kind)
  return readMediaOrder(
    {
      fields: { ...fields, endpoint: kind },
      model: checkKlingModel(context, kind, fields['model_name']),
      seconds: checkLength(vendor.upstream, fields['duration'], 'duration', 'string'),
      size: checkPicture(
        vendor.upstream,
        { ratio, resolution: resolutionOf(vendor.upstream, mode) },
        { ratio: 'aspect_ratio', resolution: 'mode' },
      ),
      media: after(media, (value) => accepted(value.media)),
      mediaField: kind === 'image2video' ? 'image' : 'image_list',
      cast: after(media, ({ cast }) => after(vendor.characters.admit(cast), () => accepted(cast))),
      read: [
        'model_name',
        'duration',
        'aspect_ratio',
        'image',
        'image_tail',
        'image_list',
        'video_list',
        'element_list',
      ],
    },
    context,
  )
}

const resolutions = { std: '720p', pro: '1080p', '4k': '4k' } as const

/** `std` is what there is where a test sells tiny pictures alone. */
function resolutionOf({ sizes }: SimulatedUpstream, mode: keyof typeof resolutions): string | undefined {
  const isTiny = sizes?.every((size) => !size.includes('720')) === true
  return mode === 'std' && isTiny ? undefined : resolutions[mode]
}

const words = { queued: 'submitted', in_progress: 'processing', completed: 'succeed', failed: 'failed' }

function describe(context: VendorContext, job: Job, view: JobView) {
  const { vendor, resultUrl } = context
  const { hasUrl } = withoutUrlIfAsked(vendor, view)
  const video = { id: `v${job.id}`, url: resultUrl(job), duration: String(job.order.seconds) }
  return {
    task_id: job.id,
    task_status: vendorStatus(vendor, words, view.status),
    task_status_msg: view.failure?.message ?? '',
    created_at: job.createdAt,
    updated_at: job.end?.at ?? job.createdAt,
    final_unit_deduction: String(vendor.jobs.billed(job) / 100_000),
    ...(hasUrl && { task_result: { videos: [video] } }),
  }
}
