import type { FastifyInstance } from 'fastify'
import { checkLength, checkShape, sizeOfShape } from '../../control/catalogue.ts'
import { guarded, idOf, openFiles, sendError } from '../../dialect.ts'
import type { VendorContext, Dialect } from '../../dialect.ts'
import { uuid } from '../../ids.ts'
import { polledJob, withoutUrlIfAsked, vendorStatus } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job } from '../../jobs/job.ts'
import { hasBearer, htmlReply, sayTaskError } from '../../jobs/speech.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { accepted } from '../../jobs/vendor-error.ts'
import { keepInlineCharacter, readInlineCharacter } from '../inline-characters.ts'
import { after, fieldsOf, listOf, readJsonOrder } from '../json-order.ts'
import { stylesOf } from '../openai-videos/profiles.ts'
import { toSeconds } from '../openai-videos/video-object.ts'
import { serveSyncCharacters } from './reseller-characters.ts'

/** The v2 calls of Comfly, t8star and similar resellers (docs/vendors/resellers.md#v2-generations). */
export const v2Generations: Dialect = {
  basePath: () => '',
  speech: () => ({
    // For unknown paths, the host returns its web page (docs/vendors/failure-modes.md#web-page-instead-of-an-answer).
    say: (error) => (error.kind === 'url_unknown' ? htmlReply(200) : sayTaskError(error)),
    refusal: { atCreate: 'content_policy_violation', late: 'content_policy_violation' },
    withoutId: { code: 'success', message: '' },
    newJobId: uuid,
    isAuthorized: hasBearer,
  }),
  files: openFiles,
  serve(app, context) {
    const styles = stylesOf(context.vendor.upstream, ['sync', 'inline'])
    if (styles.includes('sync')) serveSyncCharacters(app, context, 'forbidden')
    serveCreate(app, context, styles.includes('inline'))
    serveJob(app, context)
  },
}

const read = ['duration', 'aspect_ratio', 'hd', 'images', 'character_url', 'character_timestamps']

function serveCreate(app: FastifyInstance, context: VendorContext, hasInline: boolean): void {
  const { upstream } = context.vendor
  app.post('/v2/videos/generations', guarded(context, 'create'), async (request, reply) => {
    const fields = fieldsOf(request.body)
    // One variant nests the character's fields (docs/vendors/resellers.md#v2-generations).
    const nestedFields = { ...fieldsOf(fields['metadata']), ...fields }
    const inline = hasInline ? await readInlineCharacter(nestedFields, context) : accepted(null)
    const shape = checkShape(upstream, fields['aspect_ratio'], 'aspect_ratio')
    const order = await readJsonOrder(
      {
        fields,
        seconds: checkLength(upstream, fields['duration'], 'duration', 'string'),
        size: after(shape, (value) => sizeOfShape(upstream, value, 'aspect_ratio', fields['hd'] === true)),
        images: listOf(fields['images'], 'images'),
        imagesField: 'images',
        cast: after(inline, (wanted) => accepted(wanted === null ? [] : [wanted.id])),
        read,
      },
      context,
    )
    const job = acceptCreate(context, request, reply, order)
    if (job === null) return reply
    if (inline.ok && inline.value !== null) keepInlineCharacter(context, inline.value)
    return reply.status(upstream.createStatus ?? 200).send({ task_id: job.id })
  })
}

function serveJob(app: FastifyInstance, context: VendorContext): void {
  app.get('/v2/videos/generations/:id', guarded(context, 'poll'), (request, reply) => {
    const seen = polledJob(context.vendor, idOf(request))
    return seen.ok
      ? reply.send(describe(context, seen.value.job, seen.value.view))
      : sendError(reply, context, seen.error)
  })
}

const words = { queued: 'NOT_START', in_progress: 'IN_PROGRESS', completed: 'SUCCESS', failed: 'FAILURE' }

/** Progress is text with a percent sign; times are 0 until they are known. */
function describe(context: VendorContext, job: Job, view: JobView) {
  const { vendor } = context
  const isUsual = typeof view.progress === 'number' && Number.isInteger(view.progress)
  const hasEnded = view.failure !== null || view.hasUrl
  return {
    task_id: job.id,
    platform: 'openai',
    action: 'sora-video',
    status: vendorStatus(vendor, words, view.status),
    fail_reason: view.failure === null ? '' : `${view.failure.code}: ${view.failure.message}`,
    submit_time: toSeconds(job.createdAt),
    start_time: toSeconds(job.createdAt),
    finish_time: job.end === null ? 0 : toSeconds(job.end.at),
    ...(view.progress === undefined
      ? {}
      : { progress: hasEnded ? '100%' : isUsual ? `${view.progress}%` : view.progress }),
    data: withoutUrlIfAsked(vendor, view).hasUrl ? { output: context.resultUrl(job) } : null,
  }
}
