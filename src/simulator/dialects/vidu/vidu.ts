import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { checkLength } from '../../control/catalogue.ts'
import { checkPicture } from '../../control/picture.ts'
import { guarded, idOf, openFiles, sendError, sendNotFound } from '../../dialect.ts'
import type { Dialect, VendorContext } from '../../dialect.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { polledJob, vendorStatus, viewOf, withoutUrlIfAsked } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job, Order } from '../../jobs/job.ts'
import { accepted, invalidRequest, invalidType } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { after, fieldsOf } from '../json-order.ts'
import { readMediaOrder } from '../media/media-order.ts'
import { checkViduModel, readViduMedia, takesRatio, viduKinds } from './vidu-kinds.ts'
import type { ViduKind } from './vidu-kinds.ts'
import { viduSpeech } from './vidu-speech.ts'
import { serveSubjects } from './vidu-subjects.ts'

/** Vidu: a path for each kind of input, and stored subjects (docs/vendors/video-apis.md#vidu). */
export const vidu: Dialect = {
  basePath: () => '',
  speech: viduSpeech,
  files: openFiles,
  serve(app, context) {
    if (context.vendor.upstream.characters) serveSubjects(app, context)
    for (const kind of viduKinds) serveCreate(app, context, kind)
    serveTasks(app, context)
  },
}

function serveCreate(app: FastifyInstance, context: VendorContext, kind: ViduKind): void {
  app.post(`/ent/v2/${kind}`, guarded(context, 'create'), async (request, reply) => {
    const fields = fieldsOf(request.body)
    const order = await readOrder(fields, kind, context)
    const job = acceptCreate(context, request, reply, order)
    if (job === null) return reply
    return reply.send({ ...fields, task_id: job.id, state: words.queued, credits: creditsOf(context, job) })
  })
}

const settings = z.object({
  audio: z.boolean().optional(),
  off_peak: z.boolean().optional(),
  bgm: z.boolean().optional(),
  watermark: z.boolean().optional(),
  seed: z.int().optional(),
  style: z.enum(['general', 'anime']).optional(),
  movement_amplitude: z.enum(['auto', 'small', 'medium', 'large']).optional(),
})

async function readOrder(
  fields: Record<string, unknown>,
  kind: ViduKind,
  context: VendorContext,
): Promise<Verdict<Order>> {
  const { vendor } = context
  const { resolution, aspect_ratio: ratio } = fields
  if (ratio !== undefined && !takesRatio(kind))
    return invalidRequest('field unwanted: aspect_ratio', { param: 'aspect_ratio' })
  const given = settings.safeParse(fields)
  if (!given.success) return invalidType(String(given.error.issues[0]?.path[0]), 'another type')
  const media = readViduMedia(fields, kind)
  const names = { ratio: 'aspect_ratio', resolution: 'resolution' }
  const order = await readMediaOrder(
    {
      fields,
      model: checkViduModel(context, kind, fields['model']),
      seconds: checkLength(vendor.upstream, fields['duration'], 'duration', 'number'),
      size: checkPicture(vendor.upstream, { ratio, resolution }, names),
      media: after(media, (value) => accepted(value.media)),
      mediaField: 'images',
      cast: after(media, ({ cast }) => after(vendor.characters.admit(cast), () => accepted(cast))),
      read: ['duration', 'resolution', 'aspect_ratio', 'images', 'videos', 'subjects'],
    },
    context,
  )
  return after(order, (value) =>
    accepted({ ...value, ...(given.data.off_peak === true && { priceTimes: 0.5 }) }),
  )
}

function serveTasks(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  app.get('/ent/v2/tasks/:id/creations', guarded(context, 'poll'), (request, reply) => {
    const seen = polledJob(vendor, idOf(request))
    return seen.ok
      ? reply.send(describe(context, seen.value.job, seen.value.view))
      : sendError(reply, context, seen.error)
  })

  app.post('/ent/v2/tasks/:id/cancel', guarded(context, 'delete'), (request, reply) => {
    const job = vendor.jobs.find(idOf(request))
    if (job === undefined) return sendNotFound(reply, context, idOf(request))
    const { status } = viewOf(vendor, job)
    if (status !== 'queued')
      return sendError(reply, context, invalidRequest(`task state is ${status}, can not cancel`).error)
    vendor.jobs.end(job, {
      type: 'fails',
      failure: { code: 'UserCancelled', message: 'The user cancelled the task.' },
    })
    return reply.send({})
  })
}

const words = { queued: 'created', in_progress: 'processing', completed: 'success', failed: 'failed' }
/** Half a cent each. */
const microsPerCredit = 5000

function creditsOf({ vendor }: VendorContext, job: Job): number {
  return Math.round(vendor.jobs.billed(job) / microsPerCredit)
}

function describe(context: VendorContext, job: Job, view: JobView) {
  const { vendor, resultUrl } = context
  const { hasUrl } = withoutUrlIfAsked(vendor, view)
  const creation = { id: `c${job.id}`, url: resultUrl(job), cover_url: '', watermarked_url: '' }
  return {
    id: job.id,
    state: vendorStatus(vendor, words, view.status),
    err_code: view.failure?.code ?? '',
    credits: creditsOf(context, job),
    off_peak: job.order.extras['off_peak'] === true,
    creations: hasUrl ? [creation] : [],
  }
}
