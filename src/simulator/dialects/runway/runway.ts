import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkLength, checkSize } from '../../control/catalogue.ts'
import { priceOf } from '../../control/price.ts'
import { balanceOf, guarded, idOf, openFiles, sendError, sendNotFound } from '../../dialect.ts'
import type { Dialect, VendorContext } from '../../dialect.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { polledJob, vendorStatus, withoutUrlIfAsked } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job, Order } from '../../jobs/job.ts'
import { accepted, invalidRequest, invalidType } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { after, fieldsOf } from '../json-order.ts'
import { readMediaOrder } from '../media/media-order.ts'
import { checkRunwayModel, readRunwayMedia, runwayKinds } from './runway-kinds.ts'
import type { RunwayKind } from './runway-kinds.ts'
import { runwaySpeech } from './runway-speech.ts'

/** Runway: a path for each kind of input, tasks of one kind (docs/vendors/video-apis.md#runway). */
export const runway: Dialect = {
  basePath: () => '',
  speech: runwaySpeech,
  files: openFiles,
  serve(app, context) {
    for (const kind of runwayKinds) serveCreate(app, context, kind)
    serveTasks(app, context)
    app.get('/v1/organization', checked(context, 'balance'), (_request, reply) =>
      reply.send({ tier: { maxMonthlyCreditSpend: 100_000, models: {} }, creditBalance: balanceOf(context) }),
    )
  },
}

const version = '2024-11-06'

/** Every call names the version of the API. */
function checked(context: VendorContext, operation: Parameters<typeof guarded>[1]) {
  return {
    ...guarded(context, operation),
    preHandler(request: FastifyRequest, reply: FastifyReply, done: () => void) {
      if (request.headers['x-runway-version'] === version) return done()
      const problem = `expected ${version} in the header X-Runway-Version`
      sendError(reply, context, invalidRequest(problem, { param: 'X-Runway-Version' }).error)
    },
  }
}

function serveCreate(app: FastifyInstance, context: VendorContext, kind: RunwayKind): void {
  app.post(`/v1/${kind}`, checked(context, 'create'), async (request, reply) => {
    const order = await readOrder(fieldsOf(request.body), kind, context)
    const job = acceptCreate(context, request, reply, order)
    return job === null ? reply : reply.send({ id: job.id, estimatedCost: estimateOf(context, job) })
  })
}

const settings = z.object({
  audio: z.boolean().optional(),
  seed: z.int().min(0).max(4_294_967_295).optional(),
  negativePrompt: z.string().optional(),
  contentModeration: z.strictObject({ publicFigureThreshold: z.enum(['auto', 'low']) }).optional(),
})
const ratio = z.string().regex(/^\d+:\d+$/)

async function readOrder(
  fields: Record<string, unknown>,
  kind: RunwayKind,
  context: VendorContext,
): Promise<Verdict<Order>> {
  const { upstream } = context.vendor
  const given = settings.safeParse(fields)
  if (!given.success) return invalidType(String(given.error.issues[0]?.path[0]), 'another value')
  const isEdit = kind === 'video_to_video'
  const pixels = ratio.optional().safeParse(fields['ratio'])
  if (!pixels.success || (!isEdit && pixels.data === undefined))
    return invalidType('ratio', 'pixels such as 1280:720')
  const size = pixels.data?.replace(':', 'x') ?? upstream.sizes?.[0]
  return readMediaOrder(
    {
      fields: { ...fields, prompt: fields['promptText'], endpoint: kind },
      model: checkRunwayModel(context, kind, fields['model']),
      seconds: checkLength(upstream, fields['duration'], 'duration', 'number'),
      size: after(checkSize(upstream, size), accepted),
      media: readRunwayMedia(fields, kind),
      mediaField: kind === 'image_to_video' ? 'promptImage' : 'references',
      read: [
        'promptText',
        'ratio',
        'duration',
        'promptImage',
        'videoUri',
        'references',
        'referenceVideos',
        'referenceAudio',
      ],
    },
    context,
  )
}

const cancelled = 'CANCELLED'

function serveTasks(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  app.get('/v1/tasks/:id', checked(context, 'poll'), (request, reply) => {
    const seen = polledJob(vendor, idOf(request))
    return seen.ok
      ? reply.send(describe(context, seen.value.job, seen.value.view))
      : sendError(reply, context, seen.error)
  })

  // Stops what runs, and forgets what has ended.
  app.delete('/v1/tasks/:id', checked(context, 'delete'), (request, reply) => {
    const job = vendor.jobs.find(idOf(request))
    if (job === undefined) return sendNotFound(reply, context, idOf(request))
    if (job.end === null)
      vendor.jobs.end(job, {
        type: 'fails',
        failure: { code: cancelled, message: 'The task was cancelled.' },
      })
    else vendor.jobs.remove(job)
    return reply.status(204).send()
  })
}

const words = { queued: 'PENDING', in_progress: 'RUNNING', completed: 'SUCCEEDED', failed: 'FAILED' }
/** One cent each. */
const microsPerCredit = 10_000

/** What it will cost if it completes. */
function estimateOf({ vendor }: VendorContext, job: Job) {
  return { credits: Math.round(priceOf(vendor.upstream.price, job.order) / microsPerCredit) }
}

function describe(context: VendorContext, job: Job, view: JobView) {
  const { vendor, resultUrl } = context
  const { failure, progress } = view
  const common = { id: job.id, createdAt: new Date(job.createdAt).toISOString() }
  const cost = { cost: { credits: Math.round(vendor.jobs.billed(job) / microsPerCredit) } }
  if (failure?.code === cancelled) return { ...common, ...cost, status: cancelled }
  const status = vendorStatus(vendor, words, view.status)
  if (failure !== null)
    return { ...common, ...cost, status, failure: failure.message, failureCode: failure.code }
  if (job.end !== null)
    return {
      ...common,
      ...cost,
      status,
      output: withoutUrlIfAsked(vendor, view).hasUrl ? [resultUrl(job)] : [],
    }
  const share = typeof progress === 'number' ? progress / 100 : progress
  const estimatedCost = estimateOf(context, job)
  return {
    ...common,
    estimatedCost,
    status,
    ...(view.status !== 'queued' && share !== undefined && { progress: share }),
  }
}
