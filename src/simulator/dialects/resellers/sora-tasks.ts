import { z } from 'zod'
import { checkModel, checkPrompt, checkSeconds, checkSize } from '../../control/catalogue.ts'
import { guarded, idOf, openFiles, sendError } from '../../dialect.ts'
import type { VendorContext, Dialect } from '../../dialect.ts'
import { hex } from '../../ids.ts'
import { polledJob, withoutUrlIfAsked, vendorStatus } from '../../jobs/job-view.ts'
import type { JobView } from '../../jobs/job-view.ts'
import type { Job, Order } from '../../jobs/job.ts'
import type { SimulatedUpstream } from '../../simulated-upstream.ts'
import { hasBearer, sayTaskError } from '../../jobs/speech.ts'
import { acceptCreate } from '../../jobs/accept-create.ts'
import { accepted, invalidRequest, invalidType } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import type { Vendor } from '../../jobs/vendor.ts'
import { serveSoraCharacters } from './sora-characters.ts'

/** The resellers' tasks below `/v1/sora` (docs/vendors/resellers.md#the-sora-tasks-protocol). */
export const soraTasks: Dialect = {
  basePath: () => '/v1',
  speech: () => ({
    say: sayTaskError,
    refusal: { atCreate: 'content_policy_violation', late: 'content_policy_violation' },
    withoutId: { status: 'ok' },
    newJobId: () => `task_${hex(12)}`,
    isAuthorized: hasBearer,
  }),
  files: openFiles,
  serve(app, context) {
    const { vendor } = context
    if (vendor.upstream.characters) serveSoraCharacters(app, context)

    app.post('/v1/sora/generate', guarded(context, 'create'), (request, reply) => {
      const job = acceptCreate(context, request, reply, readOrder(request.body, vendor))
      if (job === null) return reply
      return reply.status(vendor.upstream.createStatus ?? 200).send({ task_id: job.id })
    })

    app.get('/v1/sora/tasks/:id', guarded(context, 'poll'), (request, reply) => {
      const seen = polledJob(vendor, idOf(request))
      if (!seen.ok) return sendError(reply, context, seen.error)
      return reply.send(taskAnswer(context, seen.value.job, seen.value.view))
    })
  },
}

/** The dialect defines only `completed` and `failed`; everything else means running. */
const words = { queued: 'processing', in_progress: 'processing', completed: 'completed', failed: 'failed' }

function taskAnswer(context: VendorContext, job: Job, view: JobView): object {
  const { upstream } = context.vendor
  const hasUrl = withoutUrlIfAsked(context.vendor, view).hasUrl
  return {
    status: vendorStatus(context.vendor, words, view.status),
    ...(upstream.sparse === true || view.progress === undefined ? {} : { progress: view.progress }),
    ...(hasUrl ? { video_url: context.resultUrl(job) } : {}),
    ...(view.failure === null ? {} : { error: taskError(upstream, view.failure) }),
  }
}

function taskError(upstream: SimulatedUpstream, failure: NonNullable<JobView['failure']>): object | string {
  return upstream.taskError === 'object' ? failure : `${failure.code}: ${failure.message}`
}

const body = z.looseObject({
  prompt: z.unknown().optional(),
  duration: z.unknown().optional(),
  model: z.unknown().optional(),
  size: z.unknown().optional(),
})

function readOrder(given: unknown, { upstream, characters }: Vendor): Verdict<Order> {
  const parsed = body.safeParse(given)
  if (!parsed.success) return invalidRequest('The body must be a JSON object.')
  const { prompt: text, duration, model: asked, size: wanted, ...extras } = parsed.data
  const prompt = checkPrompt(text)
  if (!prompt.ok) return prompt
  const model = checkModel(upstream, asked)
  if (!model.ok) return model
  if (typeof duration !== 'number') return invalidType('duration', 'a number')
  const seconds = checkSeconds(upstream, duration, 'duration')
  if (!seconds.ok) return seconds
  const size = checkSize(upstream, wanted)
  if (!size.ok) return size
  const mentioned = [...new Set(Array.from(prompt.value.matchAll(/@(char_\w+)/g), ([, id = '']) => id))]
  const cast = characters.admit(mentioned)
  if (!cast.ok) return cast
  return accepted({
    model: model.value,
    prompt: prompt.value,
    seconds: seconds.value,
    size: size.value,
    characters: mentioned,
    reference: null,
    influenceStrength: null,
    extras,
  })
}
