import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkLength, checkModel, checkShape, sizeOfShape } from '../../control/catalogue.ts'
import { balanceOf, guarded, heldBack, openFiles, sendError, stopped } from '../../dialect.ts'
import type { VendorContext, Dialect } from '../../dialect.ts'
import { polledJob, withoutUrlIfAsked, vendorStatus } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job } from '../../jobs/job.ts'
import { takeCharacter, acceptCreate } from '../../jobs/accept-create.ts'
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
  serve(app, context) {
    // The body says whether a video or a character is requested.
    app.post('/api/v1/jobs/createTask', heldBack(context), async (request, reply) => {
      const { model, input } = fieldsOf(request.body)
      const isCharacter = context.vendor.upstream.characters && isCharacterModel(model)
      if (stopped(context, isCharacter ? 'character_create' : 'create', { request, reply })) return reply
      return isCharacter
        ? createCharacter(context, { model, input: fieldsOf(input), request, reply })
        : createVideo(context, { model, input, request, reply })
    })
    serveRecord(app, context)
    app.get('/api/v1/chat/credit', guarded(context, 'balance'), (_request, reply) =>
      reply.send(success(balanceOf(context))),
    )
  },
}

const success = (data: object | number) => ({ code: 200, msg: 'success', data })
const read = ['aspect_ratio', 'n_frames', 'size', 'image_urls', 'character_id_list']

/** A request to create a task, and what its body says. */
interface Task<Model, Input> {
  model: Model
  input: Input
  request: FastifyRequest
  reply: FastifyReply
}

async function createVideo(
  context: VendorContext,
  { model, input, request, reply }: Task<unknown, unknown>,
): Promise<FastifyReply> {
  const { upstream } = context.vendor
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
      cast: readCast(fields['character_id_list'], context),
      read,
    },
    context,
  )
  const job = acceptCreate(context, request, reply, order)
  return job === null ? reply : reply.send(success({ taskId: job.id }))
}

/** At most five (docs/vendors/job-apis.md#kie). */
function readCast(value: unknown, { vendor }: VendorContext): Verdict<readonly string[]> {
  return after(listOf(value, 'character_id_list'), (ids) => {
    if (ids.length > 5)
      return invalidRequest('At most 5 characters are allowed.', { param: 'character_id_list' })
    const cast = vendor.characters.admit(ids)
    return cast.ok ? accepted(ids) : cast
  })
}

async function createCharacter(
  context: VendorContext,
  { model, input, request, reply }: Task<string, Record<string, unknown>>,
): Promise<FastifyReply> {
  const wanted = await readKieCharacter(model, input, context)
  const character = takeCharacter(context, wanted, { request, reply, takesTime: true })
  return character === null ? reply : reply.send(success({ taskId: character.taskId }))
}

const idIn = (request: FastifyRequest) => query.parse(request.query).taskId
const query = z.object({ taskId: z.string().default('') })

function serveRecord(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  const operation = (request: FastifyRequest) =>
    vendor.characters.find(idIn(request)) === undefined ? 'poll' : 'character_read'
  app.get('/api/v1/jobs/recordInfo', guarded(context, operation), (request, reply) => {
    const character = vendor.characters.find(idIn(request))
    if (character !== undefined) {
      vendor.characters.poll(character)
      return reply.send(success(describeCharacterTask(vendor, character)))
    }
    const seen = polledJob(vendor, idIn(request))
    return seen.ok
      ? reply.send(success(describe(context, seen.value.job, seen.value.view)))
      : sendError(reply, context, seen.error)
  })
}

/** Half a cent each. */
const microsPerCredit = 5000

const words = { queued: 'waiting', in_progress: 'generating', completed: 'success', failed: 'fail' }

/** `resultJson` is a string, empty until there is a result; times are in milliseconds. */
function describe(context: VendorContext, job: Job, view: JobView) {
  const { vendor, resultUrl } = context
  const { upstream } = vendor
  const hasUrl = withoutUrlIfAsked(vendor, view).hasUrl
  const isRefused = view.failure !== null && view.failure.code === vendor.speech.refusal.late
  return {
    taskId: job.id,
    model: upstream.echoModel ?? job.order.model,
    state: vendorStatus(vendor, words, view.status),
    param: JSON.stringify({ prompt: job.order.prompt, n_frames: String(job.order.seconds) }),
    resultJson: hasUrl ? JSON.stringify({ resultUrls: [resultUrl(job)] }) : '',
    failCode: view.failure === null ? null : isRefused ? '422' : '500',
    failMsg: view.failure === null ? null : view.failure.message,
    ...(view.progress === undefined ? {} : { progress: view.progress }),
    creditsConsumed: Math.round(vendor.jobs.billed(job) / microsPerCredit),
    costTime: job.end === null ? null : job.end.at - job.createdAt,
    completeTime: job.end?.at ?? null,
    createTime: job.createdAt,
  }
}
