import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { checkLength, checkShape, checkSize, sizeOfShape } from '../../control/catalogue.ts'
import { guarded, openFiles, sendError } from '../../dialect.ts'
import type { VendorContext, Dialect } from '../../dialect.ts'
import { uuid } from '../../ids.ts'
import { polledJob, withoutUrlIfAsked, vendorStatus } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job } from '../../jobs/job.ts'
import type { SimulatedUpstream } from '../../simulated-upstream.ts'
import { hasBearer, sayTaskError } from '../../jobs/speech.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { invalidValue } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { after, fieldsOf, listOf, readJsonOrder } from '../json-order.ts'
import { stylesOf } from '../openai-videos/profiles.ts'
import { nested } from '../openai-videos/video-object.ts'
import { serveSyncCharacters } from './reseller-characters.ts'

/** The create and query calls of Yunwu, Juxin and similar resellers (docs/vendors/resellers.md#create-and-query). */
export const createQuery: Dialect = {
  basePath: () => '',
  speech: () => ({
    say: sayTaskError,
    refusal: { atCreate: 'content_policy_violation', late: 'content_policy_violation' },
    withoutId: { status: 'pending' },
    newJobId: (model) => `${model}:${uuid()}`,
    isAuthorized: hasBearer,
  }),
  files: openFiles,
  serve(app, context) {
    const { upstream } = context.vendor
    if (stylesOf(upstream, ['sync']).includes('sync')) serveSyncCharacters(app, context, 'forbidden')
    serveCreate(app, context)
    serveQuery(app, context)
  },
}

const read = ['duration', 'orientation', 'aspect_ratio', 'size', 'images']

function serveCreate(app: FastifyInstance, context: VendorContext): void {
  const { upstream } = context.vendor
  app.post('/v1/video/create', guarded(context, 'create'), async (request, reply) => {
    const fields = fieldsOf(request.body)
    const order = await readJsonOrder(
      {
        fields,
        seconds: checkLength(upstream, fields['duration'], 'duration', 'number'),
        size: readSize(upstream, fields),
        images: listOf(fields['images'], 'images'),
        imagesField: 'images',
        read,
      },
      context,
    )
    const job = acceptCreate(context, request, reply, order)
    if (job === null) return reply
    return reply.status(upstream.createStatus ?? 200).send({
      id: job.id,
      status: vendorStatus(context.vendor, words, 'queued'),
      status_update_time: job.createdAt,
    })
  })
}

const grades = ['small', 'large', 'hd']

/** A resolution, or a grade with an orientation or aspect ratio. */
function readSize(upstream: SimulatedUpstream, fields: Record<string, unknown>): Verdict<string> {
  const { size } = fields
  if (typeof size === 'string' && size.includes('x')) return checkSize(upstream, size)
  if (size !== undefined && !grades.some((grade) => grade === size)) return invalidValue('size', size, grades)
  const param = fields['orientation'] === undefined ? 'aspect_ratio' : 'orientation'
  const shape = checkShape(upstream, fields[param], param)
  return after(shape, (value) => sizeOfShape(upstream, value, param, size === 'large' || size === 'hd'))
}

const query = z.object({ id: z.string().default('') })

function serveQuery(app: FastifyInstance, context: VendorContext): void {
  app.get('/v1/video/query', guarded(context, 'poll'), (request, reply) => {
    const seen = polledJob(context.vendor, query.parse(request.query).id)
    return seen.ok
      ? reply.send(describe(context, seen.value.job, seen.value.view))
      : sendError(reply, context, seen.error)
  })
}

const words = { queued: 'pending', in_progress: 'processing', completed: 'completed', failed: 'failed' }

/**
 * The response omits the prefix of the id: only the id from the create can be queried again
 * (docs/vendors/failure-modes.md#other-id-in-the-query).
 */
function describe(context: VendorContext, job: Job, view: JobView) {
  const { vendor, resultUrl } = context
  const field = vendor.upstream.urlField ?? 'video_url'
  const hasUrl = withoutUrlIfAsked(vendor, view).hasUrl
  return {
    id: job.id.slice(job.id.indexOf(':') + 1),
    status: vendorStatus(vendor, words, view.status),
    ...(field === 'video_url' || !hasUrl ? { video_url: hasUrl ? resultUrl(job) : null } : {}),
    ...(field !== 'video_url' && hasUrl ? nested(field, resultUrl(job)) : {}),
    enhanced_prompt: job.order.prompt,
    status_update_time: job.end?.at ?? job.polledAt ?? job.createdAt,
    ...(view.progress === undefined ? {} : { progress: view.progress }),
    ...(view.failure === null ? {} : { fail_reason: `${view.failure.code}: ${view.failure.message}` }),
  }
}
