import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { checkLength } from '../../control/catalogue.ts'
import { checkPicture } from '../../control/picture.ts'
import { guarded, idOf, openFiles, sendError, sendNotFound } from '../../dialect.ts'
import type { Dialect, VendorContext } from '../../dialect.ts'
import { modelUnknown } from '../../faults/vendor-errors.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { polledJob, vendorStatus, viewOf, withoutUrlIfAsked } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job, Order } from '../../jobs/job.ts'
import { accepted, invalidRequest } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { fieldsOf } from '../json-order.ts'
import { readMediaOrder } from '../media/media-order.ts'
import { framesOf, inputNames, mediaIn } from './replicate-inputs.ts'
import { replicateSpeech } from './replicate-speech.ts'

/** Predictions of Replicate (docs/vendors/video-apis.md#replicate). */
export const replicate: Dialect = {
  basePath: () => '/v1',
  speech: replicateSpeech,
  files: openFiles,
  serve(app, context) {
    servePredictions(app, context)
  },
}

const modelPath = z.object({ owner: z.string(), name: z.string() })

function servePredictions(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  app.post('/v1/models/:owner/:name/predictions', guarded(context, 'create'), async (request, reply) => {
    const { owner, name } = modelPath.parse(request.params)
    const model = `${owner}/${name}`
    if (!vendor.upstream.models.includes(model)) return sendError(reply, context, modelUnknown)
    const order = await readOrder(fieldsOf(fieldsOf(request.body)['input']), model, context)
    const job = acceptCreate(context, request, reply, order)
    return job === null ? reply : reply.status(201).send(describe(context, job, viewOf(vendor, job)))
  })

  app.get('/v1/predictions', guarded(context, 'list'), (_request, reply) => {
    const jobs = vendor.jobs.all().filter((job) => !job.deleted)
    const results = jobs.toReversed().slice(0, 100)
    return reply.send({
      next: null,
      previous: null,
      results: results.map((job) => describe(context, job, viewOf(vendor, job))),
    })
  })

  app.get('/v1/predictions/:id', guarded(context, 'poll'), (request, reply) => {
    const seen = polledJob(vendor, idOf(request))
    if (!seen.ok) return sendError(reply, context, seen.error)
    const { job, view } = seen.value
    return reply.send(describe(context, job, withoutUrlIfAsked(vendor, view)))
  })

  app.post('/v1/predictions/:id/cancel', guarded(context, 'delete'), (request, reply) => {
    const job = vendor.jobs.find(idOf(request))
    if (job === undefined) return sendNotFound(reply, context, idOf(request))
    if (job.end === null)
      vendor.jobs.end(job, { type: 'fails', failure: { code: canceled, message: 'It was canceled.' } })
    return reply.send(describe(context, job, viewOf(vendor, job)))
  })
}

const canceled = 'canceled'

/** A field that the schema of the model does not have is an error, so that nothing is left out in silence. */
async function readOrder(
  input: Record<string, unknown>,
  model: string,
  context: VendorContext,
): Promise<Verdict<Order>> {
  const { upstream } = context.vendor
  const frames = framesOf(model)
  const known = [...inputNames, frames.first, frames.last]
  const unknown = Object.keys(input).find((name) => !known.includes(name))
  if (unknown !== undefined)
    return invalidRequest(`Additional property ${unknown} is not allowed`, { param: unknown })
  const { aspect_ratio: ratio, resolution } = input
  return readMediaOrder(
    {
      fields: input,
      model: accepted(model),
      seconds: checkLength(upstream, input['duration'], 'duration', 'number'),
      size: checkPicture(
        upstream,
        { ratio, resolution },
        { ratio: 'aspect_ratio', resolution: 'resolution' },
      ),
      media: mediaIn(input, frames),
      mediaField: frames.first,
      read: [
        'duration',
        'aspect_ratio',
        'resolution',
        'reference_images',
        'reference_videos',
        'reference_audios',
        frames.first,
        frames.last,
      ],
    },
    context,
  )
}

const words = { queued: 'starting', in_progress: 'processing', completed: 'succeeded', failed: 'failed' }

/** Some models answer with one address, others with a list. */
function describe({ vendor, resultUrl, host }: VendorContext, job: Job, view: JobView) {
  const { failure } = view
  const { model, prompt } = job.order
  const url = resultUrl(job)
  const output = model.startsWith('google/') ? url : [url]
  const isCanceled = failure?.code === canceled
  const get = `${host}/v1/predictions/${job.id}`
  return {
    id: job.id,
    model: vendor.upstream.echoModel ?? model,
    version: 'hidden',
    input: { prompt },
    logs: '',
    output: view.hasUrl ? output : null,
    error: failure === null || isCanceled ? null : `${failure.message} (${failure.code})`,
    status: isCanceled ? canceled : vendorStatus(vendor, words, view.status),
    created_at: new Date(job.createdAt).toISOString(),
    urls: { get, cancel: `${get}/cancel` },
  }
}
