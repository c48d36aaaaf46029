import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { sendVideo } from './content.ts'
import { guarded, idOf, sendError, sendNotFound } from './dialect.ts'
import type { Desk } from './dialect.ts'
import { notReadyMessage } from './fault-answer.ts'
import { pollView, viewOf } from './job-view.ts'
import type { Job } from './job.ts'
import { serveOpenaiCharacters } from './openai-characters.ts'
import { readForm } from './openai-form.ts'
import { readOrder } from './openai-order.ts'
import { serveOpenaiSources } from './openai-sources.ts'
import { videoObject } from './openai-video-object.ts'
import { invalidRequest, invalidValue } from './vendor-error.ts'

/** The ten endpoints of official-api.md §2, with the answers of §8. */
export function serveOpenaiVideos(app: FastifyInstance, desk: Desk): void {
  app.addHook('onRequest', async (_request, reply) => {
    void reply.headers(usualHeaders)
  })
  serveCreate(app, desk)
  if (desk.vendor.upstream.characters) serveOpenaiCharacters(app, desk)
  if (desk.vendor.upstream.remixes ?? desk.vendor.upstream.kind === 'official') serveOpenaiSources(app, desk)
  serveList(app, desk)
  serveJob(app, desk)
  serveContent(app, desk)
}

/** official-api.md §8, "Headers on every answer"; the numbers are those of the lowest tier. */
const usualHeaders = {
  'openai-version': '2020-10-01',
  'openai-processing-ms': '12',
  'x-ratelimit-limit-requests': '25',
  'x-ratelimit-remaining-requests': '24',
  'x-ratelimit-reset-requests': '2.4s',
}

function serveCreate(app: FastifyInstance, desk: Desk): void {
  const { vendor, gate } = desk
  app.post('/videos', guarded(desk, 'create'), async (request, reply) => {
    const form = await readForm(request)
    if (form === null)
      return sendError(reply, invalidRequest('We could not parse the body of your request.').error)
    const order = await readOrder(form, vendor)
    if (!order.ok) return sendError(reply, order.error)
    const job = vendor.admit(order.value)
    if (!job.ok) return sendError(reply, job.error)
    if (gate.afterAccept('create', request, reply)) return undefined
    return reply
      .status(vendor.upstream.createStatus ?? 200)
      .header('openai-poll-after-ms', vendor.upstream.pollAfterMs ?? 1000)
      .send(describe(desk, job.value))
  })
}

const describe = (desk: Desk, job: Job) =>
  videoObject(desk.vendor, job, viewOf(desk.vendor, job), desk.fileUrl(job))

function serveJob(app: FastifyInstance, desk: Desk): void {
  const { vendor, fileUrl } = desk
  app.get('/videos/:id', guarded(desk, 'poll'), (request, reply) => {
    const job = vendor.jobs.find(idOf(request))
    if (job === undefined) return sendNotFound(reply, desk, idOf(request))
    const video = videoObject(vendor, job, pollView(vendor, job), fileUrl(job))
    return reply.header('openai-poll-after-ms', vendor.upstream.pollAfterMs ?? 1000).send(video)
  })

  const deleteCancels = vendor.upstream.deleteCancels ?? vendor.upstream.kind === 'self_hosted'
  app.delete('/videos/:id', guarded(desk, 'delete'), (request, reply) => {
    const job = vendor.jobs.find(idOf(request))
    if (job === undefined) return sendNotFound(reply, desk, idOf(request))
    if (job.end === null && !deleteCancels)
      return sendError(reply, invalidRequest('Only a completed or failed video can be deleted.').error)
    vendor.jobs.remove(job)
    return reply.send({ id: job.id, object: 'video.deleted', deleted: true })
  })
}

const listQuery = z.object({
  limit: z.coerce.number().int().min(0).max(100).default(20),
  order: z.enum(['asc', 'desc']).default('desc'),
  after: z.string().optional(),
})

/** official-api.md §2.4. */
function serveList(app: FastifyInstance, desk: Desk): void {
  const { vendor } = desk
  app.get('/videos', guarded(desk, 'list'), (request, reply) => {
    const query = listQuery.safeParse(request.query)
    if (!query.success) {
      const param = String(query.error.issues[0]?.path[0] ?? 'limit')
      return sendError(reply, invalidRequest(`Invalid '${param}'.`, { code: 'invalid_value', param }).error)
    }
    const { limit, order, after } = query.data
    const jobs = vendor.jobs.all().filter((job) => !job.deleted)
    if (order === 'desc') jobs.reverse()
    const start = after === undefined ? 0 : jobs.findIndex((job) => job.id === after) + 1
    if (after !== undefined && start === 0) return sendNotFound(reply, desk, after)
    const data = jobs.slice(start, start + limit).map((job) => describe(desk, job))
    return reply.send({
      object: 'list',
      data,
      first_id: data[0]?.['id'] ?? null,
      last_id: data.at(-1)?.['id'] ?? null,
      has_more: start + limit < jobs.length,
    })
  })
}

const variants = ['video', 'thumbnail', 'spritesheet']
const contentQuery = z.object({ variant: z.string().default('video') })

/** official-api.md §2.6; thumbnails and sprite sheets are never there, which clients must bear. */
function serveContent(app: FastifyInstance, desk: Desk): void {
  const { vendor } = desk
  app.get('/videos/:id/content', guarded(desk, 'content'), async (request, reply) => {
    const job = vendor.jobs.find(idOf(request))
    if (job === undefined) return sendNotFound(reply, desk, idOf(request))
    const variant = contentQuery.safeParse(request.query).data?.variant ?? ''
    if (!variants.includes(variant)) return sendError(reply, invalidValue('variant', variant, variants).error)
    const absent = (message: string) => sendError(reply, invalidRequest(message, { status: 404 }).error)
    if (job.end === null || job.end.failure !== null) return absent(notReadyMessage)
    if (vendor.jobs.isExpired(job)) return absent('The video has expired.')
    if (variant !== 'video') return absent(`There is no ${variant} of this video.`)
    return sendVideo(reply, desk, job)
  })
}
