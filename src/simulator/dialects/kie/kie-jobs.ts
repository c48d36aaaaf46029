import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkLength, checkModel, checkShape, sizeOfShape } from '../../control/catalogue.ts'
import { guarded, heldBack, openFiles, sendError, stopped } from '../../dialect.ts'
import type { Desk, Dialect } from '../../dialect.ts'
import { polledJob, withoutUrlIfAsked, wordOf } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job } from '../../jobs/job.ts'
import { takeCharacter, takeOrder } from '../../jobs/accept-create.ts'
import { accepted, invalidRequest } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { after, fieldsOf, listOf, readJsonOrder } from '../json-order.ts'
import { describeCharacterTask, isCharacterModel, readKieCharacter } from './kie-characters.ts'
import { kieSpeech } from './kie-speech.ts'

/** kie.ai: one envelope for everything, results as JSON in a string (docs/vendors/job-apis.md#kie). */
export const kieJobs: Dialect = {
  basePath: () => '',
  speech: kieSpeech,
  files: openFiles,
  serve(app, desk) {
    // The body tells whether a video or a character is asked for.
    app.post('/api/v1/jobs/createTask', heldBack(desk), async (request, reply) => {
      const { model, input } = fieldsOf(request.body)
      const isCharacter = desk.vendor.upstream.characters && isCharacterModel(model)
      if (stopped(desk, isCharacter ? 'character_create' : 'create', request, reply)) return reply
      return isCharacter
        ? createCharacter(desk, model, fieldsOf(input), request, reply)
        : createVideo(desk, model, input, request, reply)
    })
    serveRecord(app, desk)
  },
}

const success = (data: object) => ({ code: 200, msg: 'success', data })
const read = ['aspect_ratio', 'n_frames', 'size', 'image_urls', 'character_id_list']

async function createVideo(
  desk: Desk,
  model: unknown,
  input: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { upstream } = desk.vendor
  const fields = fieldsOf(input)
  const shape = checkShape(upstream, fields['aspect_ratio'], 'aspect_ratio')
  const order = await readJsonOrder(
    {
      fields,
      model: checkModel(upstream, model ?? null),
      seconds: checkLength(upstream, fields['n_frames'], 'n_frames', 'string'),
      size: after(shape, (value) => sizeOfShape(upstream, value, 'aspect_ratio', fields['size'] === 'high')),
      images: listOf(fields['image_urls'], 'image_urls'),
      imagesField: 'image_urls',
      cast: readCast(fields['character_id_list'], desk),
      read,
    },
    desk,
  )
  const job = takeOrder(desk, request, reply, order)
  return job === null ? reply : reply.send(success({ taskId: job.id }))
}

/** At most five (docs/vendors/job-apis.md#kie). */
function readCast(value: unknown, { vendor }: Desk): Verdict<readonly string[]> {
  return after(listOf(value, 'character_id_list'), (ids) => {
    if (ids.length > 5)
      return invalidRequest('At most 5 characters are allowed.', { param: 'character_id_list' })
    const cast = vendor.characters.admit(ids)
    return cast.ok ? accepted(ids) : cast
  })
}

async function createCharacter(
  desk: Desk,
  model: string,
  input: Record<string, unknown>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const wanted = await readKieCharacter(model, input, desk)
  const character = takeCharacter(desk, request, reply, wanted, true)
  return character === null ? reply : reply.send(success({ taskId: character.taskId }))
}

const idIn = (request: FastifyRequest) => query.parse(request.query).taskId
const query = z.object({ taskId: z.string().default('') })

function serveRecord(app: FastifyInstance, desk: Desk): void {
  const { vendor } = desk
  const operation = (request: FastifyRequest) =>
    vendor.characters.find(idIn(request)) === undefined ? 'poll' : 'character_read'
  app.get('/api/v1/jobs/recordInfo', guarded(desk, operation), (request, reply) => {
    const character = vendor.characters.find(idIn(request))
    if (character !== undefined) {
      vendor.characters.poll(character)
      return reply.send(success(describeCharacterTask(vendor, character)))
    }
    const seen = polledJob(vendor, idIn(request))
    return seen.ok
      ? reply.send(success(describe(desk, seen.value.job, seen.value.view)))
      : sendError(reply, desk, seen.error)
  })
}

const words = { queued: 'waiting', in_progress: 'generating', completed: 'success', failed: 'fail' }

/** `resultJson` is a string, empty until there is something in it; times are milliseconds. */
function describe(desk: Desk, job: Job, view: JobView) {
  const { vendor, resultUrl } = desk
  const { upstream } = vendor
  const hasUrl = withoutUrlIfAsked(vendor, view).hasUrl
  const isRefused = view.failure !== null && view.failure.code === vendor.speech.refusal.late
  return {
    taskId: job.id,
    model: upstream.echoModel ?? job.order.model,
    state: wordOf(vendor, words, view.status),
    param: JSON.stringify({ prompt: job.order.prompt, n_frames: String(job.order.seconds) }),
    resultJson: hasUrl ? JSON.stringify({ resultUrls: [resultUrl(job)] }) : '',
    failCode: view.failure === null ? null : isRefused ? '422' : '500',
    failMsg: view.failure === null ? null : view.failure.message,
    ...(view.progress === undefined ? {} : { progress: view.progress }),
    costTime: job.end === null ? null : job.end.at - job.createdAt,
    completeTime: job.end?.at ?? null,
    createTime: job.createdAt,
  }
}
