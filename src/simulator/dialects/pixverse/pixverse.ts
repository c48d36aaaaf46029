import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { pictureSize } from '../../clips/clip-facts.ts'
import { checkLength, checkModel, sides } from '../../control/catalogue.ts'
import { checkPicture } from '../../control/picture.ts'
import { guarded, idOf, openFiles, sendError } from '../../dialect.ts'
import type { Dialect, VendorContext } from '../../dialect.ts'
import { wrongKey } from '../../faults/vendor-errors.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { polledJob, vendorStatus, withoutUrlIfAsked } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job, Order } from '../../jobs/job.ts'
import { invalidRequest, invalidType } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { fieldsOf } from '../json-order.ts'
import { readMediaOrder } from '../media/media-order.ts'
import { pictureFields, pixverseKinds, readPictures } from './pixverse-media.ts'
import type { PixverseKind } from './pixverse-media.ts'
import { moderated, pixverseSpeech } from './pixverse-speech.ts'

/** PixVerse: pictures are uploaded, and every request has an id of its own (docs/vendors/video-apis.md#pixverse). */
export const pixverse: Dialect = {
  basePath: () => '',
  speech: pixverseSpeech,
  files: openFiles,
  serve(app, context) {
    // Data URLs by the ids of the uploads.
    const uploads = new Map<number, string>()
    const isNew = traceCheck()
    serveUpload(app, context, { uploads, isNew })
    for (const kind of pixverseKinds) serveCreate(app, context, { kind, uploads, isNew })
    app.get('/openapi/v2/video/result/:id', guarded(context, 'poll'), (request, reply) => {
      if (!isNew(request)) return sendError(reply, context, sameTrace.error)
      const seen = polledJob(context.vendor, idOf(request))
      return seen.ok
        ? reply.send(success(describe(context, seen.value.job, seen.value.view)))
        : sendError(reply, context, seen.error)
    })
  },
}

type TraceCheck = (request: FastifyRequest) => boolean
const sameTrace = invalidRequest('Ai-trace-id must be a UUID that differs for each request')

function traceCheck(): TraceCheck {
  const seen = new Set<string>()
  return ({ headers }) => {
    const trace = z.uuid().safeParse(headers['ai-trace-id'])
    if (!trace.success || seen.has(trace.data)) return false
    seen.add(trace.data)
    return true
  }
}

const success = (Resp: object) => ({ ErrCode: 0, ErrMsg: 'success', Resp })

interface Uploading {
  uploads: Map<number, string>
  isNew: TraceCheck
}

function serveUpload(app: FastifyInstance, context: VendorContext, { uploads, isNew }: Uploading): void {
  const { speech, upstream, clock } = context.vendor
  app.post('/openapi/v2/image/upload', async (request, reply): Promise<FastifyReply> => {
    if (!speech.isAuthorized(request.headers, upstream.apiKey, clock.now()))
      return sendError(reply, context, wrongKey)
    if (!isNew(request)) return sendError(reply, context, sameTrace.error)
    const file = await request.file()
    const bytes = file?.fieldname === 'image' ? await file.toBuffer() : null
    if (bytes === null || (await pictureSize(bytes)) === null)
      return sendError(reply, context, invalidRequest('Invalid image format', { param: 'image' }).error)
    const id = uploads.size + 1
    uploads.set(id, `data:image/png;base64,${bytes.toString('base64')}`)
    return reply.send(success({ img_id: id, img_url: `https://media.example/${id}` }))
  })
}

function serveCreate(
  app: FastifyInstance,
  context: VendorContext,
  { kind, uploads, isNew }: Uploading & { kind: PixverseKind },
): void {
  app.post(`/openapi/v2/video/${kind}/generate`, guarded(context, 'create'), async (request, reply) => {
    if (!isNew(request)) return sendError(reply, context, sameTrace.error)
    const order = await readOrder(fieldsOf(request.body), { kind, uploads }, context)
    const job = acceptCreate(context, request, reply, order)
    return job === null ? reply : reply.send(success({ video_id: Number(job.id), credits: 0 }))
  })
}

const settings = z.object({
  generate_audio_switch: z.boolean().optional(),
  generate_multi_clip_switch: z.boolean().optional(),
  water_mark: z.boolean().optional(),
  seed: z.int().min(0).max(2_147_483_647).optional(),
  motion_mode: z.enum(['normal', 'fast']).optional(),
  style: z.enum(['anime', '3d_animation', 'clay', 'comic', 'cyberpunk']).optional(),
  negative_prompt: z.string().max(2048).optional(),
  duration: z.int(),
  quality: z.string(),
})

async function readOrder(
  fields: Record<string, unknown>,
  { kind, uploads }: { kind: PixverseKind; uploads: ReadonlyMap<number, string> },
  context: VendorContext,
): Promise<Verdict<Order>> {
  const { upstream } = context.vendor
  const { quality, aspect_ratio: ratio } = fields
  const given = settings.safeParse(fields)
  if (!given.success) return invalidType(String(given.error.issues[0]?.path[0]), 'another type')
  if (ratio !== undefined && (kind === 'img' || kind === 'transition'))
    return invalidRequest('Invalid parameter', { param: 'aspect_ratio' })
  return readMediaOrder(
    {
      fields,
      model: checkModel(upstream, fields['model'] ?? ''),
      seconds: checkLength(upstream, fields['duration'], 'duration', 'number'),
      size: checkPicture(
        upstream,
        { ratio, resolution: quality },
        { ratio: 'aspect_ratio', resolution: 'quality' },
      ),
      media: readPictures(kind, fields, uploads),
      mediaField: 'img_id',
      read: ['duration', 'quality', 'aspect_ratio', ...pictureFields],
    },
    context,
  )
}

const words = { queued: '5', in_progress: '5', completed: '1', failed: '8' }

function describe(context: VendorContext, job: Job, view: JobView) {
  const { vendor, resultUrl } = context
  const word = view.failure?.code === moderated ? '7' : vendorStatus(vendor, words, view.status)
  const { width, height } = sides(job.order.size)
  return {
    id: Number(job.id),
    status: /^\d+$/.test(word) ? Number(word) : word,
    prompt: job.order.prompt,
    outputWidth: width,
    outputHeight: height,
    url: withoutUrlIfAsked(vendor, view).hasUrl ? resultUrl(job) : '',
  }
}
