import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { SimulatedCharacter } from '../../clips/character-book.ts'
import { checkLength, checkSize } from '../../control/catalogue.ts'
import { balanceOf, guarded, heldBack, idOf, openFiles, sendError, stopped } from '../../dialect.ts'
import type { VendorContext, Dialect } from '../../dialect.ts'
import { fetchClip } from '../../clips/fetch-media.ts'
import { hex } from '../../ids.ts'
import { polledJob, viewOf, withoutUrlIfAsked, vendorStatus } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job, JobFailure } from '../../jobs/job.ts'
import { takeCharacter, acceptCreate } from '../../jobs/accept-create.ts'
import type { WantedCharacter } from '../../jobs/accept-create.ts'
import { modelUnknown, unfetchable } from '../../faults/vendor-errors.ts'
import { accepted, invalidRequest } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { after, fieldsOf, listOf, oneOf, readJsonOrder } from '../json-order.ts'
import { wavespeedSpeech } from './wavespeed-speech.ts'

/** WaveSpeed: predictions in an envelope, the outcome in `data.status` (docs/vendors/job-apis.md#wavespeed). */
export const wavespeed: Dialect = {
  basePath: () => '',
  speech: wavespeedSpeech,
  files: openFiles,
  serve(app, context) {
    app.get('/api/v3/balance', guarded(context, 'balance'), (_request, reply) =>
      reply.send(success({ balance: balanceOf(context) })),
    )
    servePredictions(app, context)
    serveSubmit(app, context)
  },
}

/** Such as `openai/sora-2/characters` beside `openai/sora-2/text-to-video`. */
const characterModel = ({ vendor }: VendorContext) =>
  `${(vendor.upstream.models[0] ?? '').split('/').slice(0, 2).join('/')}/characters`

const wildcard = z.object({ '*': z.string() })

function serveSubmit(app: FastifyInstance, context: VendorContext): void {
  const { upstream } = context.vendor
  app.post('/api/v3/*', heldBack(context), async (request, reply) => {
    const model = wildcard.parse(request.params)['*']
    const isCharacter = upstream.characters && model === characterModel(context)
    if (stopped(context, isCharacter ? 'character_create' : 'create', { request, reply })) return reply
    if (isCharacter) return submitCharacter(context, request, reply)
    if (!upstream.models.includes(model)) return sendError(reply, context, modelUnknown)
    const fields = fieldsOf(request.body)
    const order = await readJsonOrder(
      {
        fields,
        model: accepted(model),
        seconds: checkLength(upstream, fields['duration'], 'duration', 'number'),
        size: readSize(context, fields['size']),
        images: oneOf(fields['image'], 'image'),
        imagesField: 'image',
        cast: readCast(fields, context),
        read: ['duration', 'size', 'image', 'characters'],
      },
      context,
    )
    const job = acceptCreate(context, request, reply, order)
    return job === null ? reply : reply.send(success(describe(context, job, viewOf(context.vendor, job))))
  })
}

/** Most of its models expect `1280*720`; `x` is accepted too. */
function readSize({ vendor }: VendorContext, size: unknown): Verdict<string> {
  return checkSize(vendor.upstream, typeof size === 'string' ? size.replace('*', 'x') : size)
}

/** The ids, and the names in the prompt. */
function readCast(fields: Record<string, unknown>, { vendor }: VendorContext): Verdict<readonly string[]> {
  return after(listOf(fields['characters'], 'characters'), (ids) => {
    const cast = vendor.characters.admit(ids)
    if (!cast.ok) return cast
    const unnamed = cast.value.find(({ name }) => !String(fields['prompt']).includes(name))
    if (unnamed === undefined) return accepted(ids)
    return invalidRequest(`The prompt must mention '${unnamed.name}' by name.`, { param: 'characters' })
  })
}

const success = (data: object) => ({ code: 200, message: 'success', data })

async function submitCharacter(
  context: VendorContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const wanted = await readCharacter(fieldsOf(request.body), context)
  const character = takeCharacter(context, wanted, { request, reply, takesTime: true })
  return character === null ? reply : reply.send(success(describeCharacter(context, character)))
}

async function readCharacter(
  { video: url, name }: Record<string, unknown>,
  { closing }: VendorContext,
): Promise<Verdict<WantedCharacter>> {
  if (typeof name !== 'string' || name.length < 1 || name.length > 80)
    return invalidRequest("Invalid 'name': expected 1 to 80 characters.", { param: 'name' })
  const clip = typeof url === 'string' ? await fetchClip(url, closing) : null
  if (typeof url !== 'string' || clip === null) return unfetchable('video')
  return accepted({ id: `char_${hex(8)}`, name, source: { type: 'url', url }, taskId: hex(16) })
}

function servePredictions(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  const operation = (request: FastifyRequest) =>
    vendor.characters.find(idOf(request)) === undefined ? 'poll' : 'character_read'
  for (const path of ['/api/v3/predictions/:id/result', '/api/v3/predictions/:id'])
    app.get(path, guarded(context, operation), (request, reply) => {
      const character = vendor.characters.find(idOf(request))
      if (character !== undefined) {
        vendor.characters.poll(character)
        return reply.send(success(describeCharacter(context, character)))
      }
      const seen = polledJob(vendor, idOf(request))
      return seen.ok
        ? reply.send(success(describe(context, seen.value.job, seen.value.view)))
        : sendError(reply, context, seen.error)
    })
}

const words = { queued: 'created', in_progress: 'processing', completed: 'completed', failed: 'failed' }

function describe(context: VendorContext, job: Job, view: JobView) {
  const { vendor, resultUrl } = context
  const hasUrl = withoutUrlIfAsked(vendor, view).hasUrl
  return {
    ...predictionOf(context, job.id, job.createdAt),
    model: vendor.upstream.echoModel ?? job.order.model,
    status: vendorStatus(vendor, words, view.status),
    outputs: hasUrl ? [resultUrl(job)] : [],
    has_nsfw_contents: hasUrl ? [false] : [],
    ...(typeof view.progress === 'string' ? { progress: view.progress } : {}),
    ...failureOf(view.failure, vendor.speech.refusal.late),
  }
}

function describeCharacter(context: VendorContext, character: SimulatedCharacter) {
  const { id, name, state, failure, taskId, createdAt } = character
  const statuses = { pending: 'processing', ready: 'completed', failed: 'failed' }
  return {
    ...predictionOf(context, taskId ?? '', createdAt),
    model: characterModel(context),
    status: statuses[state],
    outputs: state === 'ready' ? [{ id, name }] : [],
    ...failureOf(failure, context.vendor.speech.refusal.late),
  }
}

function predictionOf({ host }: VendorContext, id: string, createdAt: number) {
  const get = `${host}/api/v3/predictions/${id}/result`
  return { id, urls: { get }, created_at: new Date(createdAt).toISOString() }
}

/** 1200 is moderation (docs/vendors/job-apis.md#wavespeed); other codes are not documented. */
function failureOf(failure: JobFailure | null, refusal: string) {
  if (failure === null) return { error: '' }
  return { error: failure.message, code: failure.code === refusal ? 1200 : 5000 }
}
