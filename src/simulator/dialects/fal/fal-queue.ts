import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { SimulatedCharacter } from '../../clips/character-book.ts'
import { checkLength, checkShape, sizeOfShape } from '../../control/catalogue.ts'
import { guarded, heldBack, idOf, openFiles, sendError, stopped } from '../../dialect.ts'
import type { VendorContext, Dialect } from '../../dialect.ts'
import { fetchClip } from '../../clips/fetch-media.ts'
import { hex, uuid } from '../../ids.ts'
import { polledJob, viewOf, vendorStatus } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job, JobFailure } from '../../jobs/job.ts'
import { takeCharacter, acceptCreate } from '../../jobs/accept-create.ts'
import type { WantedCharacter } from '../../jobs/accept-create.ts'
import { jobUnknown, modelUnknown, notReady, unfetchable } from '../../faults/vendor-errors.ts'
import { accepted, invalidRequest } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { falSpeech, resultOfFailure } from './fal-speech.ts'
import { after, fieldsOf, listOf, oneOf, readJsonOrder } from '../json-order.ts'

/**
 * fal: a queue with a second call for the result. Failures have the status COMPLETED too
 * (docs/vendors/job-apis.md#fal). Models are paths; status, result and cancel use only the first two parts.
 */
export const falQueue: Dialect = {
  basePath: () => '',
  speech: () => falSpeech,
  files: openFiles,
  serve(app, context) {
    const { upstream } = context.vendor
    serveSubmit(app, context)
    const models = [...upstream.models, ...(upstream.characters ? [characterModel(context)] : [])]
    for (const path of new Set(models.flatMap((model) => [model, applicationOf(model)])))
      serveRequests(app, context, path)
  },
}

const applicationOf = (model: string) => model.split('/').slice(0, 2).join('/')

/** The application's path for characters, such as `fal-ai/sora-2/characters`. */
const characterModel = ({ vendor }: VendorContext) =>
  `${applicationOf(vendor.upstream.models[0] ?? '')}/characters`

const wildcard = z.object({ '*': z.string() })

function serveSubmit(app: FastifyInstance, context: VendorContext): void {
  const { upstream } = context.vendor
  // Only the path says whether a video or a character is requested; any other path is an unknown application.
  app.post('/*', heldBack(context), async (request, reply) => {
    const model = wildcard.parse(request.params)['*']
    const isCharacter = upstream.characters && model === characterModel(context)
    if (stopped(context, isCharacter ? 'character_create' : 'create', { request, reply })) return reply
    if (isCharacter) return submitCharacter(context, request, reply)
    if (!upstream.models.includes(model)) return sendError(reply, context, modelUnknown)
    const job = acceptCreate(context, request, reply, await readOrder(context, model, fieldsOf(request.body)))
    return job === null ? reply : reply.send(ticket(context, job.id, model))
  })
}

const read = ['duration', 'aspect_ratio', 'resolution', 'image_url', 'character_ids']

async function readOrder(context: VendorContext, model: string, fields: Record<string, unknown>) {
  const { upstream } = context.vendor
  const shape = checkShape(upstream, fields['aspect_ratio'], 'aspect_ratio')
  const isFine = fields['resolution'] === '1080p'
  return readJsonOrder(
    {
      fields,
      model: accepted(model),
      seconds: checkLength(upstream, fields['duration'], 'duration', 'number'),
      size: after(shape, (value) => sizeOfShape(upstream, value, 'aspect_ratio', isFine)),
      images: oneOf(fields['image_url'], 'image_url'),
      imagesField: 'image_url',
      cast: readCast(fields, context),
      read,
    },
    context,
  )
}

/** At most two ids, and their names in the prompt (docs/vendors/job-apis.md#fal). */
function readCast(fields: Record<string, unknown>, { vendor }: VendorContext): Verdict<readonly string[]> {
  const param = 'character_ids'
  return after(listOf(fields[param], param), (ids) => {
    if (ids.length > 2) return invalidRequest('At most 2 characters are allowed.', { param })
    const cast = vendor.characters.admit(ids)
    if (!cast.ok) return cast
    const unnamed = cast.value.find(({ name }) => !String(fields['prompt']).includes(name))
    if (unnamed === undefined) return accepted(ids)
    return invalidRequest(`The prompt must mention '${unnamed.name}' by name.`, { param })
  })
}

async function submitCharacter(
  context: VendorContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const wanted = await readCharacter(fieldsOf(request.body), context)
  const character = takeCharacter(context, wanted, { request, reply, takesTime: true })
  if (character === null) return reply
  return reply.send(ticket(context, character.taskId ?? '', characterModel(context)))
}

/** A clip by URL, cut to four seconds, and a name. */
async function readCharacter(
  { video_url: url, name }: Record<string, unknown>,
  { closing }: VendorContext,
): Promise<Verdict<WantedCharacter>> {
  if (typeof name !== 'string' || name.length < 1 || name.length > 80)
    return invalidRequest("Invalid 'name': expected 1 to 80 characters.", { param: 'name' })
  if (typeof url !== 'string' || (await fetchClip(url, closing)) === null) return unfetchable('video_url')
  return accepted({ id: `char_${hex(8)}`, name, source: { type: 'url', url }, taskId: uuid() })
}

function ticket({ host }: VendorContext, id: string, model: string) {
  const url = `${host}/${applicationOf(model)}/requests/${id}`
  const urls = { response_url: url, status_url: `${url}/status`, cancel_url: `${url}/cancel` }
  return { status: 'IN_QUEUE', request_id: id, ...urls, queue_position: 0 }
}

const words = { queued: 'IN_QUEUE', in_progress: 'IN_PROGRESS', completed: 'COMPLETED', failed: 'COMPLETED' }

function serveRequests(app: FastifyInstance, context: VendorContext, path: string): void {
  const { vendor } = context
  const characterOr = (operation: 'poll' | 'result') => (request: FastifyRequest) =>
    vendor.characters.find(idOf(request)) === undefined ? operation : 'character_read'

  app.get(`/${path}/requests/:id/status`, guarded(context, characterOr('poll')), (request, reply) => {
    const character = vendor.characters.find(idOf(request))
    if (character !== undefined) {
      vendor.characters.poll(character)
      return sendStatus(context, reply, { path, id: idOf(request), view: characterView(character) })
    }
    const seen = polledJob(vendor, idOf(request))
    if (!seen.ok) return sendError(reply, context, seen.error)
    return sendStatus(context, reply, { path, id: seen.value.job.id, view: seen.value.view })
  })

  app.get(`/${path}/requests/:id`, guarded(context, characterOr('result')), (request, reply) => {
    const character = vendor.characters.find(idOf(request))
    if (character !== undefined) return sendCharacter(context, reply, character)
    const job = vendor.jobs.find(idOf(request))
    return job === undefined
      ? sendError(reply, context, jobUnknown(idOf(request)))
      : sendResult(context, reply, job)
  })

  app.put(`/${path}/requests/:id/cancel`, guarded(context, 'delete'), (request, reply) => {
    const job = vendor.jobs.find(idOf(request))
    if (job === undefined) return reply.status(404).send({ status: 'NOT_FOUND' })
    if (job.end !== null) return reply.status(400).send({ status: 'ALREADY_COMPLETED' })
    vendor.jobs.remove(job)
    return reply.status(202).send({ status: 'CANCELLATION_REQUESTED' })
  })
}

/** 202 until it has ended. A failure is reported beside a status that looks like success. */
function sendStatus(
  context: VendorContext,
  reply: FastifyReply,
  { path, id, view }: { path: string; id: string; view: JobView },
): FastifyReply {
  const status = vendorStatus(context.vendor, words, view.status)
  const { response_url, status_url, cancel_url } = ticket(context, id, path)
  const failure = view.failure === null ? {} : statusOfFailure(view.failure)
  const position = status === 'IN_QUEUE' ? { queue_position: 0 } : {}
  const body = { status, request_id: id, response_url, status_url, cancel_url, logs: null }
  return reply.status(status === 'COMPLETED' ? 200 : 202).send({ ...body, ...position, ...failure })
}

function statusOfFailure({ code, message }: JobFailure) {
  return { error: message, error_type: code === 'processing_error' ? 'runner_server_error' : code }
}

function characterView({ state, failure }: SimulatedCharacter): JobView {
  const statuses = { pending: 'in_progress', ready: 'completed', failed: 'failed' }
  return { status: statuses[state], progress: undefined, failure, hasUrl: false }
}

const stillRunning = { ...notReady, status: 400, message: 'Request is still in progress' }

function sendResult(context: VendorContext, reply: FastifyReply, job: Job): FastifyReply {
  const { vendor } = context
  const view = viewOf(vendor, job)
  if (job.end === null) return sendError(reply, context, stillRunning)
  if (view.failure !== null) return sendReplyOfFailure(reply, view.failure)
  if (vendor.faults.take('poll', ['no_url']) !== null) return reply.send({ video: null, video_id: job.id })
  return reply.send({
    video: { url: context.resultUrl(job), content_type: 'video/mp4', file_name: `${job.token}.mp4` },
    video_id: `video_${job.token}`,
    thumbnail: null,
    spritesheet: null,
  })
}

function sendCharacter(
  context: VendorContext,
  reply: FastifyReply,
  character: SimulatedCharacter,
): FastifyReply {
  if (character.failure !== null) return sendReplyOfFailure(reply, character.failure)
  if (character.state === 'pending') return sendError(reply, context, stillRunning)
  return reply.send({ id: character.id, name: character.name })
}

function sendReplyOfFailure(reply: FastifyReply, failure: JobFailure): FastifyReply {
  const { status, headers, body } = resultOfFailure(failure)
  return reply.status(status).headers(headers).send(body)
}
