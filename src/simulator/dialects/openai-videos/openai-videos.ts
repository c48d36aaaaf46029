import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { guarded, heldBack, idOf, sendError, sendNotFound, stopped } from '../../dialect.ts'
import type { Desk, Dialect } from '../../dialect.ts'
import { polledJob, viewOf } from '../../jobs/job-view.ts'
import { takeOrder } from '../../jobs/accept-create.ts'
import { invalidRequest } from '../../jobs/vendor-error.ts'
import { keepInlineCharacter, readInlineCharacter } from '../inline-characters.ts'
import { createCharacterJob, isCharacterId, isCharacterJob, pollCharacterJob } from '../job-characters.ts'
import { serveOpenaiCharacters } from './characters.ts'
import { serveContent } from './content.ts'
import { readForm } from './form.ts'
import type { Form } from './form.ts'
import { serveList } from './list.ts'
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
  serve(app, desk) {
    const { upstream } = desk.vendor
    const profile = profileOf(upstream)
    const styles = stylesOf(upstream, profile.characterStyles)
    if (styles.includes('sync')) serveSyncCharacters(app, desk, 'required')
    const plugin = (scope: FastifyInstance, _options: object, done: () => void) => {
      if (profile.headers)
        scope.addHook('onRequest', async (_request, reply) => {
          void reply.headers(usualHeaders)
        })
      if ((upstream.apiServers ?? 1) > 1)
        scope.addHook('preHandler', async (_request, reply) => sendError(reply, desk, unshared))
      serveCreate(scope, desk)
      if (styles.includes('official')) serveOpenaiCharacters(scope, desk)
      serveOpenaiSources(scope, desk)
      serveList(scope, desk)
      serveJob(scope, desk)
      serveDelete(scope, desk)
      serveContent(scope, desk)
      done()
    }
    void app.register(plugin, { prefix: profile.basePath })
  },
}

/**
 * The headers of every answer; the numbers are those of the lowest tier
 * (docs/vendors/openai-videos.md#rate-limits-and-headers).
 */
const usualHeaders = {
  'openai-version': '2020-10-01',
  'openai-processing-ms': '12',
  'x-ratelimit-limit-requests': '25',
  'x-ratelimit-remaining-requests': '24',
  'x-ratelimit-reset-requests': '2.4s',
}

/** vLLM-Omni's jobs belong to one process. */
const unshared = invalidRequest(
  'Asynchronous video jobs is not supported with --api-server-count > 1 because the operation uses process-local frontend state',
  { status: 409 },
).error

const unreadable = invalidRequest('We could not parse the body of your request.').error

function serveCreate(app: FastifyInstance, desk: Desk): void {
  const styles = stylesOf(desk.vendor.upstream, profileOf(desk.vendor.upstream).characterStyles)
  if (!styles.includes('job')) {
    app.post('/videos', guarded(desk, 'create'), async (request, reply) => {
      const form = await readForm(request)
      return form === null ? sendError(reply, desk, unreadable) : createVideo(desk, form, request, reply)
    })
    return
  }
  // Only the body tells whether a video or a character is asked for.
  app.post('/videos', heldBack(desk), async (request, reply) => {
    const form = await readForm(request)
    const isCharacter = form !== null && isCharacterJob(form)
    if (stopped(desk, isCharacter ? 'character_create' : 'create', request, reply)) return reply
    if (form === null) return sendError(reply, desk, unreadable)
    return isCharacter
      ? createCharacterJob(desk, form, request, reply)
      : createVideo(desk, form, request, reply)
  })
}

async function createVideo(
  desk: Desk,
  form: Form,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { upstream } = desk.vendor
  const profile = profileOf(upstream)
  const hasInline = stylesOf(upstream, profile.characterStyles).includes('inline')
  const inline = hasInline ? await readInlineCharacter(form.fields, desk) : { ok: true as const, value: null }
  if (!inline.ok) return sendError(reply, desk, inline.error)
  const names = inline.value === null ? [] : [inline.value.id]
  const job = takeOrder(desk, request, reply, await readOrder(form, desk, names))
  if (job === null) return reply
  if (inline.value !== null) keepInlineCharacter(desk, inline.value)
  return sendCreated(desk, reply, job)
}

function serveJob(app: FastifyInstance, desk: Desk): void {
  const { vendor } = desk
  const operation = (request: FastifyRequest) =>
    isCharacterId(desk, idOf(request)) ? 'character_read' : 'poll'
  app.get('/videos/:id', guarded(desk, operation), (request, reply) => {
    const character = pollCharacterJob(desk, idOf(request), reply)
    if (character !== null) return character
    const seen = polledJob(vendor, idOf(request))
    if (!seen.ok) return sendError(reply, desk, seen.error)
    const { job, view } = seen.value
    return withPollHint(desk, reply)
      .status(pollStatus(vendor, view))
      .send(videoObject(desk, job, view))
  })
}

/** docs/vendors/openai-videos.md#delete-a-video, and the three other answers of docs/vendors/self-hosted-servers.md. */
function serveDelete(app: FastifyInstance, desk: Desk): void {
  const { vendor } = desk
  const { upstream } = vendor
  const { deletion, deleteCancels } = profileOf(upstream)
  if (deletion === null) return
  const takesRunning = upstream.deleteCancels ?? (deleteCancels ?? upstream.kind === 'self_hosted') !== false
  app.delete('/videos/:id', guarded(desk, 'delete'), (request, reply) => {
    const job = vendor.jobs.find(idOf(request))
    if (job === undefined) return sendNotFound(reply, desk, idOf(request))
    if (job.end === null && !takesRunning) {
      const message = 'Only a completed or failed video can be deleted.'
      return sendError(reply, desk, invalidRequest(message).error)
    }
    const last = videoObject(desk, job, viewOf(vendor, job))
    if (deleteCancels === 'hides') vendor.jobs.hide(job)
    else vendor.jobs.remove(job)
    if (deletion === 'flag') return reply.send({ deleted: true })
    if (deletion === 'video') return reply.send({ ...last, status: 'deleted' })
    return reply.send({ id: job.id, object: 'video.deleted', deleted: true })
  })
}
