import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { guarded, sendError, sendNotFound } from '../../dialect.ts'
import type { VendorContext } from '../../dialect.ts'
import { viewOf } from '../../jobs/job-view.ts'
import { invalidRequest } from '../../jobs/vendor-error.ts'
import { profileNameOf, profileOf } from './profiles.ts'
import { videoObject } from './video-object.ts'

const listQuery = z.object({
  limit: z.coerce.number().int().min(0).max(100).default(20),
  order: z.enum(['asc', 'desc']).default('desc'),
  after: z.string().optional(),
})

/**
 * docs/vendors/openai-videos.md#list-videos; TensorRT-LLM's list lacks the paging keys
 * (docs/vendors/self-hosted-servers.md#tensorrt-llm).
 */
export function serveList(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  const { list } = profileOf(vendor.upstream)
  const profile = profileNameOf(vendor.upstream)
  if (list === null) return
  app.get('/videos', guarded(context, 'list'), (request, reply) => {
    const query = listQuery.safeParse(request.query)
    if (!query.success) {
      const param = String(query.error.issues[0]?.path[0] ?? 'limit')
      const status = profile === 'sglang' ? 422 : 400
      return sendError(
        reply,
        context,
        invalidRequest(`Invalid '${param}'.`, { code: 'invalid_value', param, status }).error,
      )
    }
    const { limit, order, after } = query.data
    const jobs = vendor.jobs.all().filter((job) => !job.deleted)
    if (order === 'desc') jobs.reverse()
    const start = after === undefined ? 0 : jobs.findIndex((job) => job.id === after) + 1
    const isLost = after !== undefined && start === 0
    if (isLost && profile !== 'vllm-omni') return sendNotFound(reply, context, after)
    if (isLost) jobs.length = 0
    const data = jobs.slice(start, start + limit).map((job) => videoObject(context, job, viewOf(vendor, job)))
    if (list === 'bare') return reply.send({ object: 'list', data })
    return reply.send({
      object: 'list',
      data,
      first_id: data[0]?.['id'] ?? null,
      last_id: data.at(-1)?.['id'] ?? null,
      has_more: start + limit < jobs.length,
    })
  })
}
