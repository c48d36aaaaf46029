import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { checkModel, checkPrompt, checkSeconds, checkSize } from './catalogue.ts'
import { guarded, idOf, sendError, sendNotFound } from './dialect.ts'
import type { Desk } from './dialect.ts'
import { pollView } from './job-view.ts'
import { lifetime } from './job-book.ts'
import type { JobView } from './job-view.ts'
import type { Order } from './job.ts'
import type { SimulatedUpstream } from './simulated-upstream.ts'
import { serveSoraCharacters } from './sora-characters.ts'
import { accepted, invalidRequest } from './vendor-error.ts'
import type { Verdict } from './vendor-error.ts'
import type { Vendor } from './vendor.ts'

/** The reseller dialect of reverse-dialects.md §6.1. */
export function serveSoraTasks(app: FastifyInstance, desk: Desk): void {
  const { vendor, gate, fileUrl } = desk
  if (vendor.upstream.characters) serveSoraCharacters(app, desk)

  app.post('/sora/generate', guarded(desk, 'create'), (request, reply) => {
    const order = readOrder(request.body, vendor)
    if (!order.ok) return sendError(reply, order.error)
    const job = vendor.admit(order.value)
    if (!job.ok) return sendError(reply, job.error)
    if (gate.afterAccept('create', request, reply)) return undefined
    return reply.status(vendor.upstream.createStatus ?? 200).send({ task_id: job.value.id })
  })

  app.get('/sora/tasks/:id', guarded(desk, 'poll'), (request, reply) => {
    const job = vendor.jobs.find(idOf(request))
    if (job === undefined) return sendNotFound(reply, desk, idOf(request))
    const view = pollView(vendor, job)
    const expires = Math.floor(((job.end?.at ?? 0) + lifetime(vendor.upstream) * 1000) / 1000)
    const url = `${fileUrl(job)}?expires=${expires}&signature=${job.token.slice(0, 12)}`
    return reply.send(taskAnswer(vendor.upstream, view, url))
  })
}

/** The dialect defines only `completed` and `failed`; everything else means running. */
function taskAnswer(upstream: SimulatedUpstream, view: JobView, url: string): object {
  const isRunning = view.status === 'queued' || view.status === 'in_progress'
  return {
    status: isRunning ? 'processing' : view.status,
    ...(upstream.sparse === true || view.progress === undefined ? {} : { progress: view.progress }),
    ...(view.hasUrl ? { video_url: url } : {}),
    ...(view.failure === null ? {} : { error: taskError(upstream, view.failure) }),
  }
}

function taskError(upstream: SimulatedUpstream, failure: NonNullable<JobView['failure']>): object | string {
  return upstream.taskError === 'object' ? failure : `${failure.code}: ${failure.message}`
}

const body = z.object({
  prompt: z.unknown().optional(),
  duration: z.unknown().optional(),
  model: z.unknown().optional(),
  size: z.unknown().optional(),
})

function readOrder(given: unknown, { upstream, characters }: Vendor): Verdict<Order> {
  const parsed = body.safeParse(given)
  if (!parsed.success) return invalidRequest('The body must be a JSON object.')
  const { data } = parsed
  const prompt = checkPrompt(data.prompt)
  if (!prompt.ok) return prompt
  const model = checkModel(upstream, data.model)
  if (!model.ok) return model
  if (typeof data.duration !== 'number')
    return invalidRequest("Invalid type for 'duration': expected a number.", {
      code: 'invalid_type',
      param: 'duration',
    })
  const seconds = checkSeconds(upstream, data.duration, 'duration')
  if (!seconds.ok) return seconds
  const size = checkSize(upstream, data.size)
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
  })
}
