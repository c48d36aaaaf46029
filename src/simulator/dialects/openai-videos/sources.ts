import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkModel, checkPrompt } from '../../control/catalogue.ts'
import { isMp4, mp4Seconds } from '../../clips/clip-facts.ts'
import { guarded, idOf, sendError, sendNotFound } from '../../dialect.ts'
import type { VendorContext } from '../../dialect.ts'
import type { Job, Order, OrderSource } from '../../jobs/job.ts'
import { readForm } from './form.ts'
import type { Form } from './form.ts'
import { profileOf } from './profiles.ts'
import { sendCreated } from './video-object.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { accepted, invalidRequest, invalidValue } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'

const steps = ['4', '8', '12', '16', '20']
const mostExtensions = 6
const longestTotal = 120

/**
 * Remix, edit and extension (docs/vendors/openai-videos.md#start-from-a-video): from a finished video of this upstream, or
 * from a file.
 */
export function serveOpenaiSources(app: FastifyInstance, context: VendorContext): void {
  const { upstream } = context.vendor
  const { sources } = profileOf(upstream)
  if (sources === 'none' || !(upstream.remixes ?? (upstream.kind === 'official' || sources === 'remix')))
    return
  app.post('/videos/:id/remix', guarded(context, 'create'), async (request, reply) => {
    const source = context.vendor.jobs.find(idOf(request))
    if (source === undefined) return sendNotFound(reply, context, idOf(request))
    const form = await readForm(request)
    return take(context, request, reply, form === null ? unreadable : derive(context, form, 'remix', source))
  })

  if (sources === 'remix') return
  app.post('/videos/edits', guarded(context, 'create'), (request, reply) =>
    serve(context, request, reply, 'edit'),
  )
  app.post('/videos/extensions', guarded(context, 'create'), (request, reply) =>
    serve(context, request, reply, 'extension'),
  )
}

const unreadable = invalidRequest('We could not parse the body of your request.')
const named = z.object({ id: z.string().min(1) })

async function serve(
  context: VendorContext,
  request: FastifyRequest,
  reply: FastifyReply,
  kind: 'edit' | 'extension',
): Promise<FastifyReply> {
  const form = await readForm(request)
  if (form === null) return sendError(reply, context, unreadable.error)
  if (form.files.has('video')) return take(context, request, reply, await deriveFile(context, form, kind))
  const video = named.safeParse(form.fields['video'])
  if (!video.success) {
    const message = "Missing required parameter: 'video'."
    const { error } = invalidRequest(message, { code: 'invalid_value', param: 'video' })
    return sendError(reply, context, error)
  }
  const source = context.vendor.jobs.find(video.data.id)
  if (source === undefined) return sendNotFound(reply, context, video.data.id)
  return take(context, request, reply, derive(context, form, kind, source))
}

/**
 * A source that is not a finished video is rejected. The new video has its model and size and, except for an extension,
 * its length.
 */
function derive(
  { vendor }: VendorContext,
  form: Form,
  kind: OrderSource['kind'],
  source: Job,
): Verdict<Order> {
  const prompt = checkPrompt(form.fields['prompt'])
  if (!prompt.ok) return prompt
  if (source.end === null || source.end.failure !== null || vendor.jobs.isExpired(source))
    return invalidRequest('The source video must be completed.', { code: 'invalid_value', param: 'video' })
  const added = kind === 'extension' ? readStep(form) : accepted(source.order.seconds)
  if (!added.ok) return added
  const extensions = (source.order.source?.extensions ?? 0) + (kind === 'extension' ? 1 : 0)
  const seconds = kind === 'extension' ? source.order.seconds + added.value : source.order.seconds
  if (extensions > mostExtensions || seconds > longestTotal)
    return invalidRequest('The video cannot be extended any further.', { param: 'video' })
  const from = { type: 'job', id: source.id } as const
  const { model, size } = source.order
  return accepted(
    orderOf(prompt.value, { model, size, seconds }, { kind, from, extensions, addedSeconds: added.value }),
  )
}

async function deriveFile(
  { vendor: { upstream } }: VendorContext,
  form: Form,
  kind: 'edit' | 'extension',
): Promise<Verdict<Order>> {
  if (upstream.videoUploads !== true)
    return invalidRequest('Your organization may not upload videos.', { param: 'video' })
  const prompt = checkPrompt(form.fields['prompt'])
  if (!prompt.ok) return prompt
  const model = checkModel(upstream, form.fields['model'])
  if (!model.ok) return model
  if (kind === 'edit' && form.fields['model'] === undefined)
    return invalidRequest("Missing required parameter: 'model'.", { code: 'invalid_value', param: 'model' })
  const bytes = form.files.get('video')?.bytes ?? Buffer.alloc(0)
  const length = isMp4(bytes) ? await mp4Seconds(bytes) : null
  if (length === null) return invalidRequest('Invalid video file.', { param: 'video' })
  const added = kind === 'extension' ? readStep(form) : accepted(Math.max(1, Math.round(length)))
  if (!added.ok) return added
  const seconds = kind === 'extension' ? Math.round(length) + added.value : added.value
  const [size = '720x1280'] = upstream.sizes ?? []
  const from = { type: 'upload', bytes: bytes.length } as const
  const source: OrderSource = {
    kind,
    from,
    extensions: kind === 'extension' ? 1 : 0,
    addedSeconds: added.value,
  }
  return accepted(orderOf(prompt.value, { model: model.value, size, seconds }, source))
}

function readStep(form: Form): Verdict<number> {
  const value = form.fields['seconds']
  const step = steps.find((each) => each === value)
  return step === undefined ? invalidValue('seconds', value, steps) : accepted(Number(step))
}

function orderOf(
  prompt: string,
  kept: Pick<Order, 'model' | 'size' | 'seconds'>,
  source: OrderSource,
): Order {
  return { ...kept, prompt, characters: [], reference: null, influenceStrength: null, extras: {}, source }
}

function take(
  context: VendorContext,
  request: FastifyRequest,
  reply: FastifyReply,
  order: Verdict<Order>,
): FastifyReply {
  const job = acceptCreate(context, request, reply, order)
  return job === null ? reply : sendCreated(context, reply, job)
}
