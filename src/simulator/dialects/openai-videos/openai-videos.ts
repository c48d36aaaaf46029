import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { guarded, heldBack, idOf, sendError, sendNotFound, stopped } from '../../dialect.ts'
import type { VendorContext, Dialect } from '../../dialect.ts'
import { polledJob, viewOf } from '../../jobs/job-view.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { invalidRequest } from '../../jobs/vendor-error.ts'
import { keepInlineCharacter, readInlineCharacter } from '../inline-characters.ts'
import { createCharacterJob, isCharacterId, isCharacterJob, pollCharacterJob } from '../job-characters.ts'
import { serveOpenaiCharacters } from './characters.ts'
import { serveContent } from './content.ts'
import { readForm } from './form.ts'
import type { Form } from './form.ts'
import { serveList } from './list.ts'
import { serveModels } from './models.ts'
import { readOrder } from './order.ts'
import { profileNameOf, profileOf, stylesOf } from './profiles.ts'
import { serveOpenaiSources } from './sources.ts'
import { openaiSpeech } from './speech.ts'
import { pollStatus, sendCreated, videoObject, withPollHint } from './video-object.ts'
import { serveSyncCharacters } from '../resellers/reseller-characters.ts'

/**
 * The ten endpoints of docs/vendors/openai-videos.md#endpoints, in the profiles of
 * docs/vendors/openai-videos.md#who-speaks-it.
 */
export const openaiVideos: Dialect = {
  basePath: (upstream) => profileOf(upstream).basePath,
  speech: (upstream) => openaiSpeech(upstream, profileNameOf(upstream)),
  files: (upstream) => upstream.files ?? profileOf(upstream).files,
  serve(app, context) {
    const { upstream } = context.vendor
    const profile = profileOf(upstream)
    const styles = stylesOf(upstream, profile.characterStyles)
    if (styles.includes('sync')) serveSyncCharacters(app, context, 'required')
    const plugin = (scope: FastifyInstance, _options: object, done: () => void) => {
      if (profile.headers)
        scope.addHook('onRequest', async (_request, reply) => {
          void reply.headers(usualHeaders)
        })
      if ((upstream.apiServers ?? 1) > 1)
        scope.addHook('preHandler', async (_request, reply) => sendError(reply, context, unshared))
      serveCreate(scope, context)
      if (styles.includes('official')) serveOpenaiCharacters(scope, context)
      serveOpenaiSources(scope, context)
      serveList(scope, context)
      serveModels(scope, context)
      serveJob(scope, context)
      serveDelete(scope, context)
      serveContent(scope, context)
      done()
    }
    void app.register(plugin, { prefix: profile.basePath })
  },
}

/**
 * The headers of every response; the numbers are those of the lowest tier
 * (docs/vendors/openai-videos.md#rate-limits-and-headers).
 */
const usualHeaders = {
  'openai-version': '2020-10-01',
  'openai-processing-ms': '12',
  'x-ratelimit-limit-requests': '25',
  'x-ratelimit-remaining-requests': '24',
  'x-ratelimit-reset-requests': '2.4s',
}

/** Each process of vLLM-Omni has its own jobs. */
const unshared = invalidRequest(
  'Asynchronous video jobs is not supported with --api-server-count > 1 because the operation uses process-local frontend state',
  { status: 409 },
).error

const unreadable = invalidRequest('We could not parse the body of your request.').error

function serveCreate(app: FastifyInstance, context: VendorContext): void {
  const styles = stylesOf(context.vendor.upstream, profileOf(context.vendor.upstream).characterStyles)
  if (!styles.includes('job')) {
    app.post('/videos', guarded(context, 'create'), async (request, reply) => {
      const form = await readForm(request)
      return form === null
        ? sendError(reply, context, unreadable)
        : createVideo(context, form, request, reply)
    })
    return
  }
  // Only the body says whether a video or a character is requested.
  app.post('/videos', heldBack(context), async (request, reply) => {
    const form = await readForm(request)
    const isCharacter = form !== null && isCharacterJob(form)
    if (stopped(context, isCharacter ? 'character_create' : 'create', { request, reply })) return reply
    if (form === null) return sendError(reply, context, unreadable)
    return isCharacter
      ? createCharacterJob(context, form, request, reply)
      : createVideo(context, form, request, reply)
  })
}

async function createVideo(
  context: VendorContext,
  form: Form,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { upstream } = context.vendor
  const profile = profileOf(upstream)
  const hasInline = stylesOf(upstream, profile.characterStyles).includes('inline')
  const inline = hasInline
    ? await readInlineCharacter(form.fields, context)
    : { ok: true as const, value: null }
  if (!inline.ok) return sendError(reply, context, inline.error)
  const names = inline.value === null ? [] : [inline.value.id]
  const job = acceptCreate(context, request, reply, await readOrder(form, context, names))
  if (job === null) return reply
  if (inline.value !== null) keepInlineCharacter(context, inline.value)
  return sendCreated(context, reply, job)
}

function serveJob(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  const operation = (request: FastifyRequest) =>
    isCharacterId(context, idOf(request)) ? 'character_read' : 'poll'
  app.get('/videos/:id', guarded(context, operation), (request, reply) => {
    const character = pollCharacterJob(context, idOf(request), reply)
    if (character !== null) return character
    const seen = polledJob(vendor, idOf(request))
    if (!seen.ok) return sendError(reply, context, seen.error)
    const { job, view } = seen.value
    return withPollHint(context, reply)
      .status(pollStatus(vendor, view))
      .send(videoObject(context, job, view))
  })
}

/** docs/vendors/openai-videos.md#delete-a-video, and the three other responses of docs/vendors/self-hosted-servers.md. */
function serveDelete(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  const { upstream } = vendor
  const { deletion, deleteCancels } = profileOf(upstream)
  if (deletion === null) return
  const takesRunning = upstream.deleteCancels ?? (deleteCancels ?? upstream.kind === 'self_hosted') !== false
  app.delete('/videos/:id', guarded(context, 'delete'), (request, reply) => {
    const job = vendor.jobs.find(idOf(request))
    if (job === undefined) return sendNotFound(reply, context, idOf(request))
    if (job.end === null && !takesRunning) {
      const message = 'Only a completed or failed video can be deleted.'
      return sendError(reply, context, invalidRequest(message).error)
    }
    const last = videoObject(context, job, viewOf(vendor, job))
    if (deleteCancels === 'hides') vendor.jobs.hide(job)
    else vendor.jobs.remove(job)
    if (deletion === 'flag') return reply.send({ deleted: true })
    if (deletion === 'video') return reply.send({ ...last, status: 'deleted' })
    return reply.send({ id: job.id, object: 'video.deleted', deleted: true })
  })
}
