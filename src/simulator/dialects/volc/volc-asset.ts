import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { checkLength, checkShape, sizeOfShape } from '../../control/catalogue.ts'
import { guarded, idOf, openFiles, sendError } from '../../dialect.ts'
import type { VendorContext, Dialect } from '../../dialect.ts'
import { hex } from '../../ids.ts'
import { polledJob, withoutUrlIfAsked, vendorStatus } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job } from '../../jobs/job.ts'
import { hasBearer, sayTaskError } from '../../jobs/speech.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { characterError } from '../../faults/vendor-errors.ts'
import { accepted, invalidType } from '../../jobs/vendor-error.ts'
import type { VendorError, Verdict } from '../../jobs/vendor-error.ts'
import { after, fieldsOf, readJsonOrder } from '../json-order.ts'
import { serveAssets } from './volc-assets.ts'

/** Seedance at resellers, with its asset library instead of characters (docs/vendors/job-apis.md#seedance-and-its-assets). */
export const volcAsset: Dialect = {
  basePath: () => '',
  speech: () => ({
    say: (error) => sayTaskError(error.kind === 'character' ? assetUnknown : error),
    refusal: {
      atCreate: 'InputImageSensitiveContentDetected.PrivacyInformation',
      late: 'content_policy_violation',
    },
    withoutId: { code: 'success', message: '' },
    newJobId: () => `cgt-${hex(12)}`,
    isAuthorized: hasBearer,
  }),
  files: openFiles,
  serve(app, context) {
    if (context.vendor.upstream.characters) serveAssets(app, context)
    serveGenerations(app, context)
  },
}

/** The message that clients of these resellers look for, whatever happened to the asset. */
const assetUnknown: VendorError = {
  ...characterError('cameo_not_found'),
  type: 'BadRequest',
  code: 'InvalidParameter',
  message:
    'The parameter `content[1].video_url.url` specified in the request is not valid: The specified asset asset-20261122 is not found.',
}

const media = z.object({ url: z.string().min(1) })
const part = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  image_url: media.optional(),
  video_url: media.optional(),
  role: z.string().optional(),
})

function serveGenerations(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  const { upstream } = vendor
  app.post('/v1/video/generations', guarded(context, 'create'), async (request, reply) => {
    const body = fieldsOf(request.body)
    const content = readContent(body)
    const text = content.ok ? content.value.text : undefined
    const shape = checkShape(upstream, body['ratio'] === 'adaptive' ? undefined : body['ratio'], 'ratio')
    const order = await readJsonOrder(
      {
        fields: { ...body, prompt: body['prompt'] ?? text },
        seconds: checkLength(upstream, body['duration'], 'duration', 'number'),
        size: after(shape, (value) => sizeOfShape(upstream, value, 'ratio', body['resolution'] === '1080p')),
        images: after(content, ({ urls }) => accepted(urls)),
        imagesField: 'content',
        cast: after(content, ({ assets }) => after(vendor.characters.admit(assets), () => accepted(assets))),
        read: ['content', 'duration', 'ratio', 'resolution'],
      },
      context,
    )
    const job = acceptCreate(context, request, reply, order)
    if (job === null) return reply
    const status = vendorStatus(vendor, words, 'queued')
    return reply
      .status(upstream.createStatus ?? 200)
      .send({ id: job.id, task_id: job.id, object: 'video', status, created_at: job.createdAt })
  })

  app.get('/v1/video/generations/:id', guarded(context, 'poll'), (request, reply) => {
    const seen = polledJob(vendor, idOf(request))
    return seen.ok
      ? reply.send({ code: 'success', message: '', data: describe(context, seen.value.job, seen.value.view) })
      : sendError(reply, context, seen.error)
  })
}

interface Content {
  text: string | undefined
  /** From the asset library: `asset://…`, in any case. */
  assets: string[]
  /** Any other URL. */
  urls: string[]
}

/** `content[]`: a text, and files that are assets of this account or public URLs. */
function readContent({ content }: Record<string, unknown>): Verdict<Content> {
  const parts = z.array(part).safeParse(content ?? [])
  if (!parts.success) return invalidType('content', 'an array of objects')
  const named = parts.data.flatMap(({ image_url, video_url }) => [image_url, video_url])
  const addresses = named.flatMap((each) => (each === undefined ? [] : [each.url]))
  const assets = addresses.flatMap((url) => /^asset:\/\/(.+)$/i.exec(url)?.[1] ?? [])
  const urls = addresses.filter((url) => !/^asset:\/\//i.test(url))
  return accepted({ text: parts.data.find(({ text }) => text !== undefined)?.text, assets, urls })
}

const words = { queued: 'QUEUING', in_progress: 'PROCESSING', completed: 'SUCCESS', failed: 'FAILED' }

/** `data` has the state, and its own `data` the vendor's response. */
function describe(context: VendorContext, job: Job, view: JobView) {
  const { vendor } = context
  const hasUrl = withoutUrlIfAsked(vendor, view).hasUrl
  const isUsual = typeof view.progress === 'number' && Number.isInteger(view.progress)
  return {
    task_id: job.id,
    status: vendorStatus(vendor, words, view.status),
    ...(view.progress === undefined ? {} : { progress: isUsual ? `${view.progress}%` : view.progress }),
    fail_reason: view.failure === null ? '' : `${view.failure.code}: ${view.failure.message}`,
    data: {
      model: vendor.upstream.echoModel ?? job.order.model,
      ...(hasUrl ? { content: { video_url: context.resultUrl(job) } } : {}),
    },
  }
}
