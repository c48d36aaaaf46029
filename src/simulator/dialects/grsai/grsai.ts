import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { SimulatedCharacter } from '../../clips/character-book.ts'
import { checkLength, checkShape, sizeOfShape } from '../../control/catalogue.ts'
import { guarded, heldBack, openFiles, sendError, stopped } from '../../dialect.ts'
import type { VendorContext, Dialect } from '../../dialect.ts'
import { uuid } from '../../ids.ts'
import { polledJob, viewOf, withoutUrlIfAsked, vendorStatus } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job, JobFailure } from '../../jobs/job.ts'
import { hasBearer, jsonReply } from '../../jobs/speech.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { jobUnknown } from '../../faults/vendor-errors.ts'
import type { VendorErrorKind, VendorError } from '../../jobs/vendor-error.ts'
import { serveGrsaiCharacters } from './grsai-characters.ts'
import { after, fieldsOf, oneOf, readJsonOrder } from '../json-order.ts'

/** grsai: flat bodies, polls by POST, `code` 0 or not (docs/vendors/job-apis.md#grsai). */
export const grsai: Dialect = {
  basePath: () => '',
  speech: ({ errorsIn200 = true }) => ({
    say: (error) => jsonReply(httpStatus(error, errorsIn200), { ...businessError(error), data: null }),
    refusal: { atCreate: 'input_moderation', late: 'output_moderation' },
    withoutId: { code: 0, msg: 'success', data: {} },
    newJobId: uuid,
    isAuthorized: hasBearer,
  }),
  files: openFiles,
  serve(app, context) {
    serveCreate(app, context)
    serveResult(app, context)
    if (context.vendor.upstream.characters) serveGrsaiCharacters(app, context)
  },
}

function httpStatus(error: VendorError, isIn200: boolean): number {
  return error.kind === 'url_unknown' || !isIn200 ? error.status : 200
}

/** Only 0 and -22 are documented; any other error is -1 with a sentence (derived). */
const sentences: Partial<Record<VendorErrorKind, string>> = {
  unauthorized: 'apikey error: invalid_api_key',
  billing: 'insufficient_credits',
  rate_limited: '请求过于频繁，请稍后再试',
  busy: '请求过于频繁，请稍后再试',
  overloaded: '系统繁忙，请稍后再试',
}

function businessError({ kind, code, message }: VendorError): { code: number; msg: string } {
  if (kind === 'job_unknown') return { code: -22, msg: '任务不存在' }
  return { code: -1, msg: sentences[kind] ?? (code === null ? message : `${code}: ${message}`) }
}

const read = ['url', 'aspectRatio', 'duration', 'size', 'webHook', 'shutProgress']

function serveCreate(app: FastifyInstance, context: VendorContext): void {
  const { upstream } = context.vendor
  app.post('/v1/video/sora-video', guarded(context, 'create'), async (request, reply) => {
    const fields = fieldsOf(request.body)
    const shape = checkShape(upstream, fields['aspectRatio'] ?? '9:16', 'aspectRatio')
    const order = await readJsonOrder(
      {
        fields,
        seconds: checkLength(upstream, fields['duration'], 'duration', 'number'),
        size: after(shape, (value) =>
          sizeOfShape(upstream, value, 'aspectRatio', fields['size'] === 'large'),
        ),
        images: oneOf(fields['url'], 'url'),
        imagesField: 'url',
        read,
      },
      context,
    )
    const job = acceptCreate(context, request, reply, order)
    if (job === null) return reply
    // Without "-1" or a URL, the response is a stream that ends with the job.
    if (typeof fields['webHook'] !== 'string' || fields['webHook'] === '') return stream(context, job, reply)
    return reply.send({ code: 0, msg: 'success', data: { id: job.id } })
  })
}

function stream(context: VendorContext, job: Job, reply: FastifyReply): FastifyReply {
  return reply.type('text/event-stream').send(Readable.from(progressOf(context, job)))
}

async function* progressOf(context: VendorContext, job: Job): AsyncGenerator<string> {
  const line = () => `data: ${JSON.stringify(describe(context, job, viewOf(context.vendor, job)))}\n\n`
  while (job.end === null && !job.deleted) {
    yield line()
    await delay(50, undefined, { signal: context.closing })
    context.vendor.jobs.poll(job)
  }
  yield line()
}

function serveResult(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  app.post('/v1/draw/result', heldBack(context), (request, reply) => {
    const { id } = fieldsOf(request.body)
    const asked = typeof id === 'string' ? id : ''
    const character = vendor.characters.find(asked)
    if (
      stopped(context, character === undefined ? 'poll' : 'character_read', { request, reply, jobId: asked })
    )
      return reply
    if (character?.taskId === asked) {
      vendor.characters.poll(character)
      return reply.send({ code: 0, msg: 'success', data: describeCharacter(context, character) })
    }
    const seen = asked === '' ? { ok: false as const, error: jobUnknown('') } : polledJob(vendor, asked)
    if (!seen.ok) return sendError(reply, context, seen.error)
    return reply.send({
      code: 0,
      msg: 'success',
      data: describe(context, seen.value.job, seen.value.view),
    })
  })
}

const words = { queued: 'running', in_progress: 'running', completed: 'succeeded', failed: 'failed' }

/** The `pid` of a finished video, from which characters are created. */
export const pidOf = (job: Job) => `s_${job.token}`

function describe(context: VendorContext, job: Job, view: JobView) {
  const hasUrl = withoutUrlIfAsked(context.vendor, view).hasUrl
  const result = { url: context.resultUrl(job), removeWatermark: true, pid: pidOf(job) }
  return {
    id: job.id,
    results: hasUrl ? [result] : [],
    ...(view.progress === undefined ? {} : { progress: view.progress }),
    status: vendorStatus(context.vendor, words, view.status),
    ...failureOf(view.failure),
  }
}

const moderation = ['input_moderation', 'output_moderation']

/** One of three reasons, and the details (docs/vendors/job-apis.md#grsai). */
function failureOf(failure: JobFailure | null) {
  if (failure === null) return { failure_reason: '', error: '' }
  const isModeration = moderation.includes(failure.code)
  return { failure_reason: isModeration ? failure.code : 'error', error: failure.message }
}

const states = { pending: 'running', ready: 'succeeded', failed: 'failed' }

function describeCharacter({ vendor }: VendorContext, character: SimulatedCharacter) {
  return {
    id: character.taskId,
    results: character.state === 'ready' ? [{ character_id: character.handle }] : [],
    progress: vendor.characters.progress(character),
    status: states[character.state],
    ...failureOf(character.failure),
  }
}
