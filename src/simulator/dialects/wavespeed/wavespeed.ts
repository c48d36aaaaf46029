import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { SimulatedCharacter } from '../../clips/character-book.ts'
import { checkLength, checkSize } from '../../control/catalogue.ts'
import { guarded, heldBack, idOf, openFiles, sendError, stopped } from '../../dialect.ts'
import type { Desk, Dialect } from '../../dialect.ts'
import { fetchClip } from '../../clips/fetch-media.ts'
import { hex } from '../../ids.ts'
import { polledJob, viewOf, withoutUrlIfAsked, wordOf } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job, JobFailure } from '../../jobs/job.ts'
import { takeCharacter, takeOrder } from '../../jobs/accept-create.ts'
import type { WantedCharacter } from '../../jobs/accept-create.ts'
import { modelUnknown, unfetchable } from '../../faults/troubles.ts'
import { accepted, invalidRequest } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { after, fieldsOf, listOf, oneOf, readJsonOrder } from '../json-order.ts'
import { wavespeedSpeech } from './wavespeed-speech.ts'

/** WaveSpeed: predictions in an envelope, the outcome in `data.status` (docs/vendors/job-apis.md#wavespeed). */
export const wavespeed: Dialect = {
  basePath: () => '',
  speech: wavespeedSpeech,
  files: openFiles,
  serve(app, desk) {
    servePredictions(app, desk)
    serveSubmit(app, desk)
  },
}

/** As `openai/sora-2/characters` beside `openai/sora-2/text-to-video`. */
const characterModel = ({ vendor }: Desk) =>
  `${(vendor.upstream.models[0] ?? '').split('/').slice(0, 2).join('/')}/characters`

const wildcard = z.object({ '*': z.string() })

function serveSubmit(app: FastifyInstance, desk: Desk): void {
  const { upstream } = desk.vendor
  app.post('/api/v3/*', heldBack(desk), async (request, reply) => {
    const model = wildcard.parse(request.params)['*']
    const isCharacter = upstream.characters && model === characterModel(desk)
    if (stopped(desk, isCharacter ? 'character_create' : 'create', request, reply)) return reply
    if (isCharacter) return submitCharacter(desk, request, reply)
    if (!upstream.models.includes(model)) return sendError(reply, desk, modelUnknown)
    const fields = fieldsOf(request.body)
    const order = await readJsonOrder(
      {
        fields,
        model: accepted(model),
        seconds: checkLength(upstream, fields['duration'], 'duration', 'number'),
        size: readSize(desk, fields['size']),
        images: oneOf(fields['image'], 'image'),
        imagesField: 'image',
        cast: readCast(fields, desk),
        read: ['duration', 'size', 'image', 'characters'],
      },
      desk,
    )
    const job = takeOrder(desk, request, reply, order)
    return job === null ? reply : reply.send(success(describe(desk, job, viewOf(desk.vendor, job))))
  })
}

/** `1280*720` is how most of its models write it; `x` is understood as well. */
function readSize({ vendor }: Desk, size: unknown): Verdict<string> {
  return checkSize(vendor.upstream, typeof size === 'string' ? size.replace('*', 'x') : size)
}

/** Ids, and the names in the prompt. */
function readCast(fields: Record<string, unknown>, { vendor }: Desk): Verdict<readonly string[]> {
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
  desk: Desk,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const wanted = await readCharacter(fieldsOf(request.body), desk)
  const character = takeCharacter(desk, request, reply, wanted, true)
  return character === null ? reply : reply.send(success(describeCharacter(desk, character)))
}

async function readCharacter(
  { video: url, name }: Record<string, unknown>,
  { closing }: Desk,
): Promise<Verdict<WantedCharacter>> {
  if (typeof name !== 'string' || name.length < 1 || name.length > 80)
    return invalidRequest("Invalid 'name': expected 1 to 80 characters.", { param: 'name' })
  const clip = typeof url === 'string' ? await fetchClip(url, closing) : null
  if (typeof url !== 'string' || clip === null) return unfetchable('video')
  return accepted({ id: `char_${hex(8)}`, name, source: { type: 'url', url }, taskId: hex(16) })
}

function servePredictions(app: FastifyInstance, desk: Desk): void {
  const { vendor } = desk
  const operation = (request: FastifyRequest) =>
    vendor.characters.find(idOf(request)) === undefined ? 'poll' : 'character_read'
  for (const path of ['/api/v3/predictions/:id/result', '/api/v3/predictions/:id'])
    app.get(path, guarded(desk, operation), (request, reply) => {
      const character = vendor.characters.find(idOf(request))
      if (character !== undefined) {
        vendor.characters.poll(character)
        return reply.send(success(describeCharacter(desk, character)))
      }
      const seen = polledJob(vendor, idOf(request))
      return seen.ok
        ? reply.send(success(describe(desk, seen.value.job, seen.value.view)))
        : sendError(reply, desk, seen.error)
    })
}

const words = { queued: 'created', in_progress: 'processing', completed: 'completed', failed: 'failed' }

function describe(desk: Desk, job: Job, view: JobView) {
  const { vendor, resultUrl } = desk
  const hasUrl = withoutUrlIfAsked(vendor, view).hasUrl
  return {
    ...predictionOf(desk, job.id, job.createdAt),
    model: vendor.upstream.echoModel ?? job.order.model,
    status: wordOf(vendor, words, view.status),
    outputs: hasUrl ? [resultUrl(job)] : [],
    has_nsfw_contents: hasUrl ? [false] : [],
    ...(typeof view.progress === 'string' ? { progress: view.progress } : {}),
    ...failureOf(view.failure, vendor.speech.refusal.late),
  }
}

function describeCharacter(desk: Desk, character: SimulatedCharacter) {
  const { id, name, state, failure, taskId, createdAt } = character
  const statuses = { pending: 'processing', ready: 'completed', failed: 'failed' }
  return {
    ...predictionOf(desk, taskId ?? '', createdAt),
    model: characterModel(desk),
    status: statuses[state],
    outputs: state === 'ready' ? [{ id, name }] : [],
    ...failureOf(failure, desk.vendor.speech.refusal.late),
  }
}

function predictionOf({ host }: Desk, id: string, createdAt: number) {
  const get = `${host}/api/v3/predictions/${id}/result`
  return { id, urls: { get }, created_at: new Date(createdAt).toISOString() }
}

/** 1200 is moderation (docs/vendors/job-apis.md#wavespeed); nothing is said of other codes. */
function failureOf(failure: JobFailure | null, refusal: string) {
  if (failure === null) return { error: '' }
  return { error: failure.message, code: failure.code === refusal ? 1200 : 5000 }
}
