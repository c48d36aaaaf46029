import type { FastifyInstance } from 'fastify'
import { checkPrompt } from '../catalogue.ts'
import { guarded, idOf, sendError, sendNotFound } from '../dialect.ts'
import type { Desk } from '../dialect.ts'
import { viewOf } from '../job-view.ts'
import { takeOrder } from '../take-order.ts'
import { invalidRequest } from '../vendor-error.ts'
import { readForm } from './openai-form.ts'
import { profileOf } from './openai-profiles.ts'
import { videoObject } from './openai-video-object.ts'

/** official-api.md §2.7: a finished video once more with another prompt, and billed like any other. */
export function serveRemix(app: FastifyInstance, desk: Desk): void {
  const { vendor } = desk
  if (!profileOf(vendor.upstream).remix) return
  app.post('/videos/:id/remix', guarded(desk, 'create'), async (request, reply) => {
    const source = vendor.jobs.find(idOf(request))
    if (source === undefined) return sendNotFound(reply, desk, idOf(request))
    if (source.end?.failure !== null)
      return sendError(reply, desk, invalidRequest('Only a completed video can be remixed.').error)
    const prompt = checkPrompt((await readForm(request))?.fields['prompt'])
    const order = prompt.ok
      ? { ok: true as const, value: { ...source.order, prompt: prompt.value, remixOf: source.id } }
      : prompt
    const job = takeOrder(desk, request, reply, order)
    return job === null ? reply : reply.send(videoObject(desk, job, viewOf(vendor, job)))
  })
}
