import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { sendVideo } from '../../jobs/content.ts'
import { guarded, idOf, sendError, sendNotFound } from '../../dialect.ts'
import type { VendorContext } from '../../dialect.ts'
import { expired, notReady } from '../../faults/vendor-errors.ts'
import { invalidValue } from '../../jobs/vendor-error.ts'
import { profileOf } from './profiles.ts'

const known = ['video', 'thumbnail', 'spritesheet']
const contentQuery = z.object({ variant: z.string().optional() })

/**
 * docs/vendors/openai-videos.md#download-content. Thumbnails and sprite sheets are never available, which clients must
 * handle.
 */
export function serveContent(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  const { content, variants } = profileOf(vendor.upstream)
  if (content === null) return
  app.get('/videos/:id/content', guarded(context, 'content'), async (request, reply) => {
    const job = vendor.jobs.find(idOf(request))
    if (job === undefined) return sendNotFound(reply, context, idOf(request))
    const asked = contentQuery.safeParse(request.query).data?.variant
    const variant = variants === 'all' ? (asked ?? 'video') : 'video'
    if (!known.includes(variant))
      return sendError(reply, context, invalidValue('variant', variant, known).error)
    if (job.end === null) return sendError(reply, context, { ...notReady, ...content.running })
    if (job.end.failure !== null) return sendError(reply, context, { ...notReady, ...content.failed })
    if (variants === 'numbers' && ![undefined, '0'].includes(asked)) {
      const message = `Video variant ${asked ?? 'None'} not found`
      return sendError(reply, context, { ...expired(404), message })
    }
    if (vendor.jobs.isExpired(job)) return sendError(reply, context, expired(404))
    if (variant === 'video') return sendVideo(reply, context, job)
    return sendError(reply, context, { ...expired(404), message: `There is no ${variant} of this video.` })
  })
}
